package org.lowrank.model.vision;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import java.util.ArrayList;
import java.util.List;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.Patches;
import org.lowrank.model.block.BatchNormLayer;
import org.lowrank.model.block.ImageEncoder;
import org.lowrank.model.block.ModuleBlock;
import org.lowrank.model.block.NetworkBlock;
import org.lowrank.model.block.RandomWeights;

/**
 * The residual network for pictures of 32 x 32 (He et al., arXiv 1512.03385, section 4.2): one
 * convolution, three stages of n blocks with 16, 32 and 64 channels, the mean over all places.
 * Shortcuts have no weights: they take every other pixel and fill new channels with zeros. Pictures
 * lie as (n, height, width, channels) within.
 */
public final class CifarResNet extends NetworkBlock implements ImageEncoder {

    static final int SIDE = 32;
    static final int COLOURS = 3;

    private final AdaptableLinear first;
    private final BatchNormLayer firstNorm;
    private final List<Block> blocks = new ArrayList<>();
    private final int width;

    /**
     * A network whose slots are still to be filled.
     *
     * @param blocks of each of the three stages; 6 n + 2 layers have weights
     * @param channels of the first stage, 16; the next ones have twice and four times as many
     */
    CifarResNet(int blocks, int channels, NDManager parent) {
        super("resnet", parent);
        first = convolution("conv1", new Patches(COLOURS, 3, 1, 1), channels, false);
        firstNorm = part("bn1", new BatchNormLayer(channels));
        int in = channels;
        for (int stage = 0; stage < 3; stage++) {
            int out = channels << stage;
            for (int i = 0; i < blocks; i++) {
                int stride = in == out ? 1 : 2;
                var path = "layer%d.%d".formatted(stage + 1, i);
                this.blocks.add(part(path, new Block(in, out, stride)));
                in = out;
            }
        }
        width = in;
    }

    /** One that knows nothing, small enough for a test. */
    public static CifarResNet random(int blocks, int channels, long seed, NDManager parent) {
        var network = new CifarResNet(blocks, channels, parent);
        RandomWeights.into(network.slots(), seed, network.manager());
        return network;
    }

    /** The mean and the variance of its normalisations are not trained. */
    @Override
    public void train(boolean all) {
        slots().forEach(
                        (name, slot) -> {
                            boolean met = name.contains(".running_");
                            slot.array().setRequiresGradient(all && !met);
                        });
    }

    @Override
    public NDArray features(NDArray pixels, boolean training) {
        var shape = pixels.getShape();
        if (!shape.slice(1).equals(new Shape(COLOURS, SIDE, SIDE))) {
            throw new IllegalArgumentException(
                    "pictures of shape %s; this network reads (batch, 3, 32, 32)".formatted(shape));
        }
        // one copy, so that all that follows lies as it is read
        var x = pixels.transpose(0, 2, 3, 1).flatten().reshape(shape.get(0), SIDE, SIDE, COLOURS);
        x = Activation.relu(firstNorm.forward(first.forward(x, training)));
        for (var block : blocks) {
            x = block.forward(x, training);
        }
        return x.reshape(shape.get(0), -1, width).mean(new int[] {1});
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public int imageSize() {
        return SIDE;
    }

    /** relu(shortcut(x) + norm(conv(relu(norm(conv x))))). */
    private static final class Block extends ModuleBlock {

        private final AdaptableLinear conv1;
        private final BatchNormLayer norm1;
        private final AdaptableLinear conv2;
        private final BatchNormLayer norm2;
        private final int added;

        Block(int in, int out, int stride) {
            conv1 = convolution("conv1", new Patches(in, 3, stride, 1), out, false);
            norm1 = part("bn1", new BatchNormLayer(out));
            conv2 = convolution("conv2", new Patches(out, 3, 1, 1), out, false);
            norm2 = part("bn2", new BatchNormLayer(out));
            added = out - in;
        }

        NDArray forward(NDArray x, boolean training) {
            try (var scope = NDManager.subManagerOf(x)) {
                x.tempAttach(scope);
                var inner = Activation.relu(norm1.forward(conv1.forward(x, training)));
                var outer = norm2.forward(conv2.forward(inner, training));
                return scope.ret(Activation.relu(outer.add(shortcut(x))));
            }
        }

        /** Every other pixel, between as many new channels on either side. */
        private NDArray shortcut(NDArray x) {
            if (added == 0) {
                return x;
            }
            var fewer = x.get(new NDIndex(":, ::2, ::2, :"));
            var shape = fewer.getShape();
            var none =
                    x.getManager()
                            .zeros(new Shape(shape.get(0), shape.get(1), shape.get(2), added / 2));
            return NDArrays.concat(new NDList(none, fewer, none), 3);
        }
    }
}
