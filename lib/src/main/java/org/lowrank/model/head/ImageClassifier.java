package org.lowrank.model.head;

import ai.djl.ndarray.NDArray;
import java.util.Map;
import org.lowrank.model.block.ImageEncoder;

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

    @Override
    public ImageEncoder encoder() {
        return encoder;
    }

    @Override
    public ClassificationHead head() {
        return head;
    }

    @Override
    public String root() {
        return encoder.bodyName();
    }
}
