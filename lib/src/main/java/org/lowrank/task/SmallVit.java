package org.lowrank.task;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.lowrank.config.Json;
import org.lowrank.data.image.Augmentation;
import org.lowrank.data.image.ImageData;
import org.lowrank.data.image.ImageProcessor;
import org.lowrank.model.ModelFolder;
import org.lowrank.model.PublishedModels;
import org.lowrank.model.head.ClassificationHead;
import org.lowrank.model.head.ImageClassifier;
import org.lowrank.model.vision.VitFamily;
import org.lowrank.optim.ParameterAdamW;
import org.lowrank.train.Trained;
import org.lowrank.train.TrainingConfig;
import org.lowrank.train.TrainingListener;
import org.lowrank.train.TrainingLoop;
import org.lowrank.train.TrainingResult;

/**
 * A small vision transformer that is trained from nothing, so that one can be adapted where none
 * can be fetched: 6 layers of width 96 on patches of 4 x 4, 0.7 million weights. It is written as a
 * Hugging Face folder. Equal on one machine at a fixed number of threads, in the last digits not on
 * another.
 */
public final class SmallVit {

    /** As models are named in tables. */
    public static final String NAME = "vit-small-fashion-mnist";

    /** AdamW on every weight, two passes in batches of 64. */
    public static final TrainingConfig TRAINING =
            new TrainingConfig(1e-3, null, null, 0.1, 64, null, null, 2.0, null, null, null);

    private static final long SEED = 1;

    private SmallVit() {}

    /**
     * Trains it and writes its folder.
     *
     * @param data what it learns; its classes become the model's
     * @return with the accuracy on the test split
     * @throws IOException if the folder cannot be written
     */
    public static TrainingResult write(
            Path folder, ImageData data, TrainingConfig training, List<TrainingListener> listeners)
            throws IOException {
        Files.createDirectories(folder);
        var classes = data.rows().labelNames();
        var config = (ObjectNode) PublishedModels.config(NAME).orElseThrow().deepCopy();
        var pictures = pictures(config.get("image_size").intValue());
        try (var manager = NDManager.newBaseManager()) {
            var encoder = VitFamily.untrained(config, SEED, manager);
            var head =
                    new ClassificationHead(
                            encoder.width(), classes.size(), 0, SEED, encoder.manager());
            var model = new ImageClassifier(encoder, head);
            var processor = ImageProcessor.of(folder.resolve(ImageProcessor.FILE), pictures);
            var batches = new OpenImages.Batches(training.batchSize(), SEED, Augmentation.NONE);
            try (var task = OpenImages.on(model, data, processor, batches)) {
                model.train(true);
                var all = new Trained(model, null, null, model.parameters(), new ParameterAdamW(0));
                var result =
                        new TrainingLoop(
                                        all,
                                        task,
                                        () -> task.score(Part.TEST, task.predict(Part.TEST)),
                                        training,
                                        SEED,
                                        listeners)
                                .run();
                var names = config.putObject("id2label");
                for (int i = 0; i < classes.size(); i++) {
                    names.put(Integer.toString(i), classes.get(i));
                }
                ModelFolder.write(folder, config, Map.of(ImageProcessor.FILE, pictures), model);
                return result;
            }
        }
    }

    private static JsonNode pictures(int side) {
        var json = Json.mapper().createObjectNode();
        json.put("image_processor_type", "ViTImageProcessor").put("resample", 2);
        json.putObject("size").put("height", side).put("width", side);
        for (var name : List.of("image_mean", "image_std")) {
            var channels = json.putArray(name);
            for (int channel = 0; channel < 3; channel++) {
                channels.add(0.5);
            }
        }
        return json;
    }
}
