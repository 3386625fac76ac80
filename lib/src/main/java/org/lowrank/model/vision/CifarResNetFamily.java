package org.lowrank.model.vision;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.lowrank.data.image.ImageProcessor;
import org.lowrank.model.ModelFamily;
import org.lowrank.model.Place;
import org.lowrank.model.block.ImageEncoder;
import org.lowrank.model.block.Network;
import org.lowrank.model.head.ClassificationHead;
import org.lowrank.model.head.ImageClassifier;
import org.lowrank.weights.TensorSource;

/**
 * The residual networks for CIFAR-10, which are published as PyTorch's state dictionaries without a
 * configuration: the names of the tensors say how deep they are.
 */
public final class CifarResNetFamily implements ModelFamily {

    private static final String TYPE = "cifar_resnet";

    static final String FIRST = "conv1.weight";

    private static final String BLOCKS = "blocks_per_stage";
    private static final String CHANNELS = "channels";
    private static final String LAST = "linear";
    private static final Pattern WRAPPER = Pattern.compile("^module\\.");
    private static final Pattern BLOCK = Pattern.compile("layer1\\.(\\d+)\\.conv1\\.weight");
    private static final Pattern COUNTER = Pattern.compile(".*\\.num_batches_tracked");

    @Override
    public List<String> types() {
        return List.of(TYPE);
    }

    @Override
    public List<Class<? extends Network>> capabilities() {
        return List.of(ImageEncoder.class, ImageClassifier.class);
    }

    @Override
    public Optional<ObjectNode> configOf(TensorSource weights) throws IOException {
        var names = weights.names().stream().map(CifarResNetFamily::bare).toList();
        if (!names.containsAll(List.of(FIRST, "layer3.0.conv2.weight", LAST + ".weight"))) {
            return Optional.empty();
        }
        int blocks = 0;
        var config = JsonNodeFactory.instance.objectNode().put("model_type", TYPE);
        for (var name : weights.names()) {
            var block = BLOCK.matcher(bare(name));
            blocks =
                    block.matches()
                            ? Math.max(blocks, Integer.parseInt(block.group(1)) + 1)
                            : blocks;
            var rows = weights.info(name).shape();
            if (bare(name).equals(FIRST)) {
                config.put(CHANNELS, rows.get(0).intValue());
            } else if (bare(name).equals(LAST + ".weight")) {
                config.put("num_labels", rows.get(0).intValue());
            }
        }
        return Optional.of(config.put(BLOCKS, blocks));
    }

    @Override
    public Optional<ImageProcessor> imageProcessor() {
        return Optional.of(ImageProcessor.RESNET);
    }

    private static String bare(String name) {
        return WRAPPER.matcher(name).replaceFirst("");
    }

    @Override
    public Network build(Wanted wanted) throws IOException {
        var config = wanted.config();
        int blocks = config.positive(BLOCKS);
        int channels = config.positive(CHANNELS, 16);
        int labels = config.positive("num_labels", 10);
        config.refuseOthers();
        var encoder = new CifarResNet(blocks, channels, wanted.parent());
        if (wanted.as() == ImageEncoder.class) {
            return encoder;
        }
        var head = new ClassificationHead.Form(null, null, false, LAST);
        return new ImageClassifier(
                encoder,
                new ClassificationHead(
                        head,
                        encoder.width(),
                        labels,
                        wanted.options().dropout(),
                        encoder.manager()));
    }

    @Override
    public Optional<Place> place(String nameInFile) {
        var name = bare(nameInFile);
        if (COUNTER.matcher(name).matches()) {
            return Optional.empty();
        }
        return Optional.of(name.startsWith(LAST) ? Place.of(name).asHead() : Place.of(name));
    }

    @Override
    public String origin(String parameter) {
        return BLOCKS + ", " + CHANNELS;
    }
}
