package org.lowrank.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.data.glue.HoldOut;
import org.lowrank.data.image.ImageFolder;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.PretrainedModel;
import org.lowrank.model.PublishedModels;
import org.lowrank.model.head.ImageClassifier;
import org.lowrank.train.StepReport;
import org.lowrank.train.TrainingConfig;
import org.lowrank.train.TrainingListener;

/** The vision transformer of this library's own, on pictures of three shapes. */
class SmallVitTest {

    private static final Path SHAPES = Path.of("../datasets/samples/images/shapes");
    private static final TrainingConfig SHORT =
            new TrainingConfig(2e-3, null, null, 0.1, 12, null, null, null, 40, null, null);

    @TempDir private Path folder;

    @Test
    void itLearnsAndIsOpenedAsItWasWritten() throws IOException {
        var data = ImageFolder.read(SHAPES, new HoldOut(0.2, 12, 1));
        var losses = new ArrayList<Double>();
        var watch =
                new TrainingListener() {
                    @Override
                    public void afterStep(StepReport step) {
                        losses.add(step.loss());
                    }
                };
        var result = SmallVit.write(folder, data, SHORT, List.of(watch));
        double last = losses.subList(30, 40).stream().mapToDouble(x -> x).average().orElseThrow();
        assertTrue(last < 0.9 * Math.log(3), losses.toString()); // log 3 is that of a guess
        double accuracy = result.finalMetrics().get("accuracy");
        try (var manager = NDManager.newBaseManager();
                var opened = PretrainedModel.open(folder)) {
            var batches = new OpenImages.Batches(12, 1, null);
            var model = opened.load(ImageClassifier.class, LoadOptions.PLAIN, manager);
            assertEquals(List.of(), opened.unused(model));
            assertEquals("square", opened.config().at("/id2label/1").asText());
            var task = OpenImages.on(model, data, opened.imageProcessor(), batches);
            var read = task.score(Part.TEST, task.predict(Part.TEST));
            assertEquals(accuracy, read.get("accuracy"), 0);
            assertEquals(Optional.empty(), task.peftType());
            // adapted under another head, as a table does
            var other = opened.classifier(ImageClassifier.class, 5, LoadOptions.PLAIN, 3, manager);
            assertEquals(
                    new Shape(2, 5),
                    other.forward(manager.ones(new Shape(2, 3, 32, 32)), false).getShape());
        }
    }

    @Test
    void whoeverLacksItIsToldHowToMakeIt() {
        assumeFalse(PublishedModels.isHere(SmallVit.NAME), "it is here");
        var error =
                assertThrows(IOException.class, () -> PretrainedModel.open(SmallVit.NAME).close());
        assertTrue(error.getMessage().contains("fetch " + SmallVit.NAME), error.getMessage());
        assertTrue(PublishedModels.place(SmallVit.NAME).startsWith("not here"));
        assertTrue(Files.notExists(PublishedModels.made(SmallVit.NAME).orElseThrow()));
    }
}
