package org.lowrank.model.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;
import static org.lowrank.model.generate.GoldenDecoder.ints;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.lowrank.golden.GoldenFiles;

class BeamSearchTest {

    @TestFactory
    Stream<DynamicTest> beamsEndAsThoseOfAnotherImplementation() {
        var cases = GoldenFiles.resource("generation.json").get("beams");
        return StreamSupport.stream(cases.spliterator(), false)
                .map(
                        one ->
                                dynamicTest(
                                        "%s, %s beams, penalty %s, early stopping %s"
                                                .formatted(
                                                        one.get("model").asText(),
                                                        one.get("num_beams"),
                                                        one.get("length_penalty"),
                                                        one.get("early_stopping").asText()),
                                        () -> compareBeams(one)));
    }

    private static void compareBeams(JsonNode one) throws IOException {
        var golden = GoldenFiles.golden("hf");
        var prompts = new ArrayList<int[]>();
        one.get("prompts").forEach(prompt -> prompts.add(ints(prompt)));
        var early = one.get("early_stopping").asText().toUpperCase(Locale.ROOT);
        var how =
                Generation.greedy(one.get("max_new_tokens").intValue())
                        .withBeams(
                                one.get("num_beams").intValue(),
                                one.get("length_penalty").doubleValue(),
                                Generation.EarlyStopping.valueOf(early))
                        .withStopIds(
                                IntStream.of(ints(one.get("eos"))).boxed().toArray(Integer[]::new));
        try (var manager = NDManager.newBaseManager()) {
            var model =
                    GoldenDecoder.open(golden.resolve(one.get("model").asText()), 2048, manager);
            var seen = new Generator(model, Set.of()).write(prompts, how).texts();
            for (int row = 0; row < prompts.size(); row++) {
                assertEquals(
                        IntStream.of(ints(one.get("generated").get(row))).boxed().toList(),
                        seen.get(row).ids());
                assertEquals(one.get("scores").get(row).doubleValue(), seen.get(row).score(), 1e-4);
            }
        }
    }
}
