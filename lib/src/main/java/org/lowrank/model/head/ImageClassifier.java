package org.lowrank.model.head;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.LinkedHashMap;
import java.util.Map;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.model.block.ImageEncoder;
import org.lowrank.model.block.Slot;

/** An encoder of pictures and a head: pictures to logits. It owns both. */
public final class ImageClassifier implements Classifier, PictureClassifier {

    private final ImageEncoder encoder;
    private final ClassificationHead head;

    public ImageClassifier(ImageEncoder encoder, ClassificationHead head) {
        this.encoder = encoder;
        this.head = head;
    }

    @Override
    public NDArray forward(NDArray pixels, boolean training) {
        return head.forward(encoder.features(pixels, training), training);
    }

    @Override
    public Map<String, NDArray> headParameters() {
        return head.parameters();
    }

    public ImageEncoder encoder() {
        return encoder;
    }

    @Override
    public ClassificationHead head() {
        return head;
    }

    /** Makes every weight of the encoder a leaf of the graph (full fine-tuning), or none. */
    @Override
    public void train(boolean all) {
        encoder.train(all);
    }

    /** The maps of the encoder; the head carries no adapter, it is trained whole. */
    @Override
    public Map<String, AdaptableLinear> linears() {
        return encoder.linears();
    }

    @Override
    public String currentPath(String pathInFile) {
        return encoder.currentPath(pathInFile);
    }

    @Override
    public String root() {
        return encoder.bodyName();
    }

    @Override
    public Map<String, Slot> slots() {
        var slots = new LinkedHashMap<>(encoder.slots());
        slots.putAll(head.slots());
        return slots;
    }

    @Override
    public void filled() {
        encoder.filled();
        head.filled();
    }

    @Override
    public NDManager manager() {
        return encoder.manager();
    }

    @Override
    public void close() {
        head.close();
        encoder.close();
    }
}
