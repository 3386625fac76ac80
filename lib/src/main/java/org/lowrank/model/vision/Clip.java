package org.lowrank.model.vision;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.model.block.NetworkBlock;
import org.lowrank.model.block.Slot;
import org.lowrank.model.block.VisionTransformer;
import org.lowrank.model.head.Pooling;
import org.lowrank.text.TokenBatch;

/**
 * CLIP (Radford et al., arXiv 2103.00020): a tower for pictures and one for texts, each followed by
 * a map into one space. What belongs together has a large cosine there.
 */
public final class Clip extends NetworkBlock {

    private final VisionTransformer vision;
    private final ClipText text;
    private final AdaptableLinear visualProjection;
    private final AdaptableLinear textProjection;
    private final Slot logitScale;

    /**
     * A network whose slots are still to be filled.
     *
     * @param vision the form of its vision tower
     * @param space the width of the common space
     * @param logitScale log of the factor of cosines, before it is read
     */
    Clip(
            VisionTransformer.Form vision,
            ClipText.Form text,
            int space,
            double logitScale,
            NDManager parent) {
        super("clip", parent);
        this.logitScale = array("logit_scale", new Shape(), logitScale);
        this.text = part("text_model", new ClipText(text, manager()));
        this.vision = part("", new VisionTransformer(vision, manager()));
        visualProjection = linear("visual_projection", this.vision.width(), space, false);
        textProjection = linear("text_projection", text.width(), space, false);
    }

    public VisionTransformer vision() {
        return vision;
    }

    /** The number of token ids. */
    public int vocabulary() {
        return text.form().vocabulary();
    }

    /** The longest text, in tokens. */
    public int positions() {
        return text.form().positions();
    }

    /** Pictures (batch, channels, height, width) in the common space, of any length. */
    public NDArray ofImages(NDArray pixels, boolean training) {
        return visualProjection.forward(vision.features(pixels, training), training);
    }

    /** Texts in the common space (batch, space), of any length. */
    public NDArray ofTexts(TokenBatch texts, boolean training) {
        return textProjection.forward(text.pooled(texts, training), training);
    }

    /** Hidden states of the texts after the last normalisation (batch, length, width). */
    public NDArray hiddenOfTexts(TokenBatch texts, boolean training) {
        return text.hidden(texts, training);
    }

    /**
     * Cosines times e to the learned scale, by which pictures are classified.
     *
     * @param images (n, space)
     * @param texts (m, space)
     * @return (n, m)
     */
    public NDArray logits(NDArray images, NDArray texts) {
        var cosines = Pooling.normalized(images).matMul(Pooling.normalized(texts).transpose());
        var scale = logitScale.array().exp();
        scale.attach(images.getManager());
        return cosines.mul(scale);
    }
}
