package org.lowrank.task.instruction;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lowrank.adapter.peft.PeftAdapter;
import org.lowrank.data.BatchPlan;
import org.lowrank.data.instruction.Instruction;
import org.lowrank.data.instruction.InstructionFile;
import org.lowrank.data.instruction.Sample;
import org.lowrank.data.instruction.Sampling;
import org.lowrank.golden.GoldenFiles;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.PretrainedModel;
import org.lowrank.model.block.CausalModel;
import org.lowrank.optim.Optimizers;
import org.lowrank.text.ChatTemplate;
import org.lowrank.text.TextTokenizer;
import org.lowrank.train.Trained;
import org.lowrank.train.TrainingConfig;
import org.lowrank.train.TrainingLoop;
import org.lowrank.train.TrainingResult;

/** What is learned of which token, against numbers of other libraries. */
class AnswerObjectiveTest {

    private static final TrainingConfig ONE_STEP = TrainingConfig.of(1, 1e-9).withMaxGradNorm(0);

    private static int[] ints(JsonNode list) {
        var ints = new int[list.size()];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = list.get(i).intValue();
        }
        return ints;
    }

    private static List<Sample> microBatches(JsonNode known) {
        var samples = new ArrayList<Sample>();
        for (var batch : known.get("micro_batches")) {
            samples.add(new Sample(ints(batch.at("/input_ids/0")), ints(batch.at("/labels/0")), 0));
        }
        return samples;
    }

    private static TrainingResult oneStep(List<Sample> samples, int batch, boolean byLayer)
            throws IOException {
        var folder = GoldenFiles.golden("hf").resolve("llama2");
        try (var manager = NDManager.newBaseManager();
                var opened = PretrainedModel.open(folder);
                var model = opened.load(CausalModel.class, LoadOptions.PLAIN, manager);
                var adapters = PeftAdapter.load(folder.resolve("adapter"), model);
                var adam = Optimizers.create("adamw")) {
            var lengths = samples.stream().mapToInt(Sample::length).toArray();
            var plan = BatchPlan.ofSize(lengths, batch, 1);
            var config = ONE_STEP.withGradientAccumulation(plan.batchesPerEpoch());
            return new TrainingLoop(
                            Trained.of(model, adapters, adam, Map.of()),
                            new AnswerObjective(model, samples, 0, plan, byLayer),
                            Map::of,
                            config,
                            1,
                            List.of())
                    .run();
        }
    }

    @ParameterizedTest
    @CsvSource({"1, false", "2, false", "3, false", "1, true", "3, true"})
    void everyAnswerTokenOfAStepWeighsTheSame(int batch, boolean byLayer) throws IOException {
        var file = GoldenFiles.path("cases/23-tokens-are-weighted/expected.json");
        var known = new ObjectMapper().readTree(file.toFile());
        var step = oneStep(microBatches(known), batch, byLayer).steps().get(0);
        double tolerance = known.get("tolerance").asDouble();
        assertEquals(known.at("/right/loss").asDouble(), step.loss(), tolerance);
        double norm = known.at("/right/norm_of_adapter_gradient").asDouble();
        assertEquals(norm, step.gradientNorm(), tolerance * norm);
    }

    @Test
    void aSampleWithoutALabelIsRefused() {
        GoldenFiles.golden("hf"); // without it the test is left out, and not what is thrown
        var none = new Sample(new int[] {3, 4}, new int[] {-100, -100}, 0);
        var some = new Sample(new int[] {3, 4}, new int[] {-100, 4}, 0);
        var error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> oneStep(List.of(some, none), 2, false));
        assertTrue(error.getMessage().contains("sample 1 has no label"), error.getMessage());
    }

    @Test
    void theEndOfAnAnswerIsLearnedAndARecordWithoutOneIsNamed() throws IOException {
        var file = GoldenFiles.path("cases/22-pad-is-eos/records.jsonl");
        var tokenizers = GoldenFiles.golden("hf").resolve("tokenizers");
        try (var tokenizer = TextTokenizer.ofFolder(tokenizers.resolve("bpe_gpt2"))) {
            var task = InstructionTuning.on(null, "plain");
            var rows =
                    AnswerRows.of(
                            "records.jsonl",
                            InstructionFile.read(file),
                            task.sampling(tokenizer, 26),
                            tokenizer);
            assertEquals(2, rows.size());
            assertEquals(List.of(3, 8), rows.samples().stream().map(Sample::answerTokens).toList());
            rows.samples().forEach(s -> assertEquals(0, s.labels()[s.length() - 1]));
            assertEquals(
                    List.of(
                            "records.jsonl, line 3: the prompt alone has 55 tokens, max_length is"
                                    + " 26, no answer token is left"),
                    rows.all().leftOut());
            assertEquals(1, rows.facts().get("left_out"));
            var tooShort = task.sampling(tokenizer, 4);
            var records = InstructionFile.read(file);
            var error =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> AnswerRows.of("records.jsonl", records, tooShort, tokenizer));
            assertTrue(error.getMessage().contains("none of 3 records"), error.getMessage());
        }
    }

    @Test
    void theTemplateAloneDecidesWhetherAChatHasABeginning() throws IOException {
        var folder = GoldenFiles.path("cases/20-double-bos");
        var known = new ObjectMapper().readTree(folder.resolve("expected.json").toFile());
        var tokenizers = GoldenFiles.golden("hf").resolve("tokenizers");
        try (var tokenizer = TextTokenizer.ofFolder(tokenizers.resolve("bpe_llama3"))) {
            var talk =
                    new Instruction(
                            1,
                            "What is 2+3? ",
                            "",
                            "5",
                            List.of(
                                    Map.of("role", "system", "content", "Be brief."),
                                    Map.of("role", "user", "content", "What is 2+3? "),
                                    Map.of("role", "assistant", "content", "5")));
            for (var name : List.of("with_bos", "without_bos")) {
                var source = Files.readString(folder.resolve(name + ".jinja"));
                var plain = InstructionTuning.on(null, "plain").sampling(tokenizer, 100);
                var sampling =
                        new Sampling(
                                plain.prompts(),
                                new ChatTemplate(name, source, tokenizer.special()),
                                plain.loss(),
                                plain.cut(),
                                100);
                var right = ints(known.at("/" + name + "/right_ids"));
                assertArrayEquals(right, sampling.prompt(talk, tokenizer));
                var sample = sampling.of("talks", List.of(talk), tokenizer).list().get(0);
                for (int i = 0; i < right.length; i++) {
                    assertEquals(right[i], sample.ids()[i], name + " at " + i);
                    assertEquals(Sample.NONE, sample.labels()[i], name + " at " + i);
                }
                assertTrue(sample.answerTokens() > 0);
                var text = Instruction.of(1, known.at("/plain_text/text").asText(), "", " 5");
                var first = ints(known.at("/plain_text/right_ids"));
                assertArrayEquals(first, sampling.prompt(text, tokenizer));
                var ids = sampling.of("texts", List.of(text), tokenizer).list().get(0).ids();
                assertEquals(first[0], ids[0]);
                assertEquals(first[1], ids[1]);
            }
        }
    }

    @Test
    void theRecordAtWhichALossIsLostIsNamedByItsLine() throws IOException {
        var samples = new ArrayList<Sample>();
        for (int line = 1; line <= 3; line++) {
            var ids = new int[] {1, 4 + line, 9};
            samples.add(new Sample(ids, ids.clone(), line));
        }
        var folder = GoldenFiles.golden("hf").resolve("llama2");
        try (var manager = NDManager.newBaseManager();
                var opened = PretrainedModel.open(folder);
                var model = opened.load(CausalModel.class, LoadOptions.PLAIN, manager);
                var adapters = PeftAdapter.load(folder.resolve("adapter"), model);
                var adam = Optimizers.create("adamw")) {
            model.parameters()
                    .get("model.embed_tokens.weight")
                    .set(new NDIndex(6), Float.NaN); // the word of the second record alone
            var plan = BatchPlan.ofSize(new int[] {3, 3, 3}, 3, 1);
            var result =
                    new TrainingLoop(
                                    Trained.of(model, adapters, adam, Map.of()),
                                    new AnswerObjective(model, samples, 0, plan, false),
                                    Map::of,
                                    ONE_STEP,
                                    1,
                                    List.of())
                            .run();
            assertEquals(TrainingResult.Status.DIVERGED, result.status());
            assertTrue(
                    result.message()
                            .endsWith(
                                    "not finite, at the record of line 2; at no other of its 3"
                                            + " examples"),
                    result.message());
        }
    }
}
