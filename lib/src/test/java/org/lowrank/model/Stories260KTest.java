package org.lowrank.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.lowrank.model.block.CausalModel;
import org.lowrank.model.generate.Generation;
import org.lowrank.model.generate.Generator;

/** The smallest real decoder tells the story that its author's program tells. */
class Stories260KTest {

    private static final String STORY =
            """
            Once upon a time, there was a little girl named Lily. She loved to play outside in the \
            park. One day, she saw a big, red ball. She wanted to play with it, but it was too high.
            Lily's mom said, "Lily, let's go to the park." Lily was sad and didn't know what to do. \
            She said, "I\
            """;

    @Test
    void greedyTextIsTheKnownOne() throws IOException {
        var folder = Path.of(System.getenv().getOrDefault("LOWRANK_DATA", "../../shared/data"));
        var file = folder.resolve("lm/stories260K.bin");
        assumeTrue(Files.exists(file), file.toAbsolutePath() + " is not there");
        try (var manager = NDManager.newBaseManager();
                var opened = PretrainedModel.open(file);
                var tokenizer = opened.tokenizer()) {
            var model = opened.load(CausalModel.class, LoadOptions.PLAIN, manager);
            var begin = List.of(new int[] {1});
            var story = new Generator(model, Set.of(2)).write(begin, Generation.greedy(150)).ids(0);
            var text = tokenizer.decodeText(story).strip();
            assertEquals(STORY, text.substring(0, Math.min(STORY.length(), text.length())));
        }
    }
}
