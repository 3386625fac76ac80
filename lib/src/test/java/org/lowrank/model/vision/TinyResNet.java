package org.lowrank.model.vision;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.SplittableRandom;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.engine.Arrays;
import org.lowrank.model.head.ClassificationHead;
import org.lowrank.model.head.ImageClassifier;

/** A small network of convolutions, its input and adapters on it. */
final class TinyResNet {

    static final LoraConfig CONVOLUTIONS =
            LoraConfig.ofRank(3).withLoraAlpha(6).withTargetModules("conv1", "conv2");

    private TinyResNet() {}

    static ImageClassifier tiny(NDManager manager) {
        var encoder = CifarResNet.random(1, 4, 7, manager);
        var random = new SplittableRandom(8);
        encoder.slots()
                .forEach(
                        (name, slot) -> {
                            // as large as trained ones, so that nothing vanishes
                            var values = new float[(int) slot.shape().size()];
                            for (int i = 0; i < values.length; i++) {
                                double drawn = random.nextGaussian();
                                values[i] =
                                        (float)
                                                (name.endsWith("var")
                                                        ? 0.5 + drawn * drawn
                                                        : slot.start() + 0.3 * drawn);
                            }
                            Arrays.assign(slot.array(), values);
                        });
        var form = new ClassificationHead.Form(null, null, false, "linear");
        var head = new ClassificationHead(form, encoder.width(), 5, 0, encoder.manager());
        return new ImageClassifier(encoder, head.startAt(9));
    }

    static NDArray pixels(NDManager manager, int pictures) {
        var random = new SplittableRandom(11);
        var values = new float[pictures * 3 * 32 * 32];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return manager.create(values, new Shape(pictures, 3, 32, 32));
    }

    static void fillB(AdapterSet set, long seed) {
        var random = new SplittableRandom(seed);
        for (var stack : set.stacks()) {
            var values = new float[(int) stack.loraB().size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (0.2 * random.nextGaussian());
            }
            Arrays.assign(stack.loraB(), values);
        }
    }
}
