package org.lowrank.experiment.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lowrank.config.Json;
import org.lowrank.engine.Precision;
import org.lowrank.experiment.run.ClassPath;
import org.lowrank.experiment.spec.RunConfig;

class MemoryNeedTest {

    private static final double GB = 1e9;

    @TempDir private Path folder;

    private static JsonNode llama(
            int layers, int width, int inner, int heads, int keyHeads, int words) {
        return Json.mapper()
                .valueToTree(
                        Map.of(
                                "model_type",
                                "llama",
                                "hidden_size",
                                width,
                                "intermediate_size",
                                inner,
                                "num_hidden_layers",
                                layers,
                                "num_attention_heads",
                                heads,
                                "num_key_value_heads",
                                keyHeads,
                                "vocab_size",
                                words,
                                "max_position_embeddings",
                                2048,
                                "rms_norm_eps",
                                1e-5,
                                "tie_word_embeddings",
                                false));
    }

    private static final JsonNode LLAMA_2_7B = llama(32, 4096, 11_008, 32, 32, 32_000);
    private static final JsonNode LLAMA_31_8B = llama(32, 4096, 14_336, 32, 8, 128_256);

    private static RunConfig run(int rank, int batch, int length, String optimizer, boolean byLayer)
            throws Exception {
        var config =
                Map.of(
                        "model",
                        "m",
                        "task",
                        Map.of(
                                "name",
                                "instructions",
                                "max_length",
                                length,
                                "options",
                                Map.of("by_layer", byLayer)),
                        "adapter",
                        Map.of("rank", rank),
                        "optimizer",
                        Map.of("name", optimizer),
                        "training",
                        Map.of("batch_size", batch, "steps", 2, "learning_rate", 1e-4));
        return Json.mapper().treeToValue(Json.mapper().valueToTree(config), RunConfig.class);
    }

    private static double bytes(MemoryNeed need, String part) {
        return need.parts().stream()
                .filter(p -> p.name().equals(part))
                .findFirst()
                .orElseThrow(() -> new AssertionError(need.text()))
                .bytes();
    }

    private static MemoryNeed need(JsonNode model, RunConfig config, Base base) {
        return MemoryNeed.of(config, model, base).orElseThrow();
    }

    /** What a process of its own took, in all of its steps. */
    @ParameterizedTest(name = "{0} layers, width {1}, batch {5} x {6}, {7}, by layer {8}, {9}")
    @CsvSource({
        "8, 256, 1024, 8, 8000, 4, 256, adamw, false, float32",
        "6, 384, 1024, 6, 4000, 8, 128, lora_pro, false, float32",
        "8, 256, 1024, 8, 16000, 8, 256, altlora, true, float32",
        "4, 640, 2048, 10, 8000, 2, 96, adamw, false, bfloat16",
        "4, 640, 2048, 10, 8000, 2, 96, adamw, false, as_stored",
        "4, 640, 2048, 10, 8000, 4, 96, adamw, true, as_stored",
    })
    void theEstimateIsWithinATenthOfWhatIsTaken(
            int layers,
            int width,
            int inner,
            int heads,
            int words,
            int batch,
            int length,
            String optimizer,
            boolean byLayer,
            Precision precision)
            throws Exception {
        var model = llama(layers, width, inner, heads, heads, words);
        var config =
                Json.with(
                        run(16, batch, length, optimizer, byLayer),
                        Map.of("precision", precision.name()));
        var base =
                switch (precision) {
                    case bfloat16 -> Base.BFLOAT16;
                    case as_stored -> new Base("Q8_0", 34 / 32.0, 34 / 32.0);
                    default -> Base.FLOAT32;
                };
        var files = List.of(folder.resolve("model.json"), folder.resolve("run.json"));
        Files.writeString(files.get(0), Json.pretty(model));
        Files.writeString(files.get(1), Json.pretty(config));
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC"));
        command.addAll(List.of("-Dai.djl.offline=true", "-Dai.djl.pytorch.num_threads=1"));
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-cp", ClassPath.ofThisProcess()));
        command.add(MemoryProbe.class.getName());
        files.forEach(file -> command.add(file.toString()));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("OMP_NUM_THREADS", "1");
        builder.environment().put("OPT_OUT_TRACKING", "true");
        // what is freed goes back at once, so that what is taken is what is held
        builder.environment().put("MALLOC_MMAP_THRESHOLD_", "65536");
        builder.environment().put("MALLOC_TRIM_THRESHOLD_", "65536");
        builder.environment().remove("GLIBC_TUNABLES");
        var process = builder.start();
        var said = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), said);
        double taken = Double.parseDouble(said.substring(said.lastIndexOf("run ") + 4).strip());
        var need = need(model, config, base);
        double estimate = need.bytes() - need.parts().get(0).bytes() + MemoryNeed.BUFFERS;
        System.out.printf(
                Locale.ROOT,
                "%s estimated %.1f MB, taken %.1f MB (%s)%n%s",
                optimizer,
                estimate / 1e6,
                taken / 1e6,
                said.strip(),
                need.text());
        assertEquals(1, estimate / taken, 0.1, need.text());
    }

    /** Batch 1 of 1,024 tokens, as the papers' models are tuned on one GPU. */
    @Test
    void thePapersModelsFitOneLargeGpuIn16BitsAndOneOf24GigabytesQuantized() throws Exception {
        var r8 = need(LLAMA_2_7B, run(8, 1, 1024, "adamw", false), Base.BFLOAT16);
        // 6.74 G weights in two bytes each; 20 M trained numbers with gradient and two moments
        assertEquals(13.48, bytes(r8, "base weights") / GB, 0.01, r8.text());
        assertEquals(0.0200, bytes(r8, "adapters and gradients") / 8 / GB, 0.0001, r8.text());
        assertEquals(0.16, bytes(r8, "optimizer state") / GB, 0.001, r8.text());
        // 1,024 tokens, 32 layers, of each token 4 x 4,096 of norms and inputs, 4 x 4,096 of
        // queries, keys, values and their mixture, 3 x 11,008 of the feed-forward part, 32 x 1,024
        // attention weights and 7 x 8 numbers of adapters
        double kept = 4 * 4096 + 4 * 4096 + 3 * 11_008 + 32 * 1024 + 7 * 8;
        assertEquals(1024.0 * 32 * kept * 4, bytes(r8, "activations"), 1, r8.text());
        assertTrue(r8.bytes() < 80 * GB, r8.text());
        var r128 = need(LLAMA_31_8B, run(128, 1, 1024, "adamw", false), Base.BFLOAT16);
        assertEquals(16.06, bytes(r128, "base weights") / GB, 0.01, r128.text());
        assertTrue(r128.bytes() < 80 * GB, r128.text());

        var small = need(LLAMA_2_7B, run(8, 1, 1024, "adamw", true), Base.Q4_K);
        assertTrue(small.bytes() < 24 * GB, small.text());
        var smaller = need(LLAMA_31_8B, run(128, 1, 1024, "adamw", true), Base.Q4_K);
        assertTrue(smaller.bytes() < 24 * GB, smaller.text());
        System.out.print(r8.text() + r128.text() + small.text() + smaller.text());
    }

    @Test
    void aRunThatCannotFitIsRefusedWithTheArithmeticAndWhatWouldMakeItFit() throws Exception {
        var need = need(LLAMA_2_7B, run(8, 16, 1024, "adamw", false), Base.BFLOAT16);
        need.requireFits(400 * GB);
        var refused =
                assertThrows(IllegalArgumentException.class, () -> need.requireFits(80 * GB))
                        .getMessage();
        assertTrue(refused.contains("and there are 80.0 GB:"), refused);
        assertTrue(refused.contains("16384 tokens × 32 layers × "), refused);
        assertTrue(refused.contains("a smaller training.batch_size with more"), refused);
    }

    @Test
    void whatAnOptimizerKeepsIsFoundFromTheOptimizerItself() throws Exception {
        long values = 7L * 0;
        for (var name : List.of("adamw", "lora_pro", "altlora", "lora_pro_full")) {
            var need = need(LLAMA_2_7B, run(8, 1, 64, name, false), Base.BFLOAT16);
            values = Math.max(values, (long) bytes(need, "optimizer state"));
            assertTrue(bytes(need, "optimizer state") >= 0, name + need.text());
        }
        // the full form keeps moments of every weight
        assertTrue(values > 6.4e9 * 4, values + " bytes");
    }

    /** 30 layers of SmolLM2-135M: 4.88 M numbers at r = 8 are 19,537,920 bytes of moments. */
    @Test
    void aKindThatTrainsMoreThanPairsIsCountedWithIt() throws Exception {
        var smol = llama(30, 576, 1536, 9, 3, 49_152);
        double pairs = 2_442_240;
        double rows = 30 * (2 * 576 + 2 * 192 + 2 * 1536 + 576);
        double inputs = 30 * (6 * 576 + 1536);
        assertTrained(smol, Map.of("rank", 8), pairs, 0);
        assertTrained(smol, Map.of("rank", 8, "layer", "dora"), pairs + rows, 0);
        // E, and two averages of each number in float64
        double adaLora = 1.5 * pairs + 12 * 210;
        assertTrained(smol, Map.of("rank", 12, "layer", "adalora"), adaLora, 16 * adaLora);
        var four = Map.of("rank", 8, "layer", "experts", "layer_options", Map.of("experts", 4));
        assertTrained(smol, four, 4 * pairs + 4 * inputs, 0);
    }

    private static void assertTrained(
            JsonNode model, Map<String, Object> adapter, double trained, double more)
            throws Exception {
        var config = Json.with(run(8, 1, 64, "adamw", false), Map.of("adapter", adapter));
        var need = need(model, config, Base.FLOAT32);
        assertEquals(8 * trained, bytes(need, "adapters and gradients"), 1, need.text());
        assertEquals(8 * trained + more, bytes(need, "optimizer state"), 1, need.text());
    }

    @Test
    void ofAFamilyWithOtherKeysNothingIsSaid() throws Exception {
        var other = Json.mapper().readTree("{\"model_type\": \"gpt2\", \"n_embd\": 768}");
        assertTrue(MemoryNeed.of(run(8, 1, 64, "adamw", false), other, Base.FLOAT32).isEmpty());
    }
}
