package org.lowrank.model.vision;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.model.block.Slot;
import org.lowrank.model.head.PictureClassifier;
import org.lowrank.model.head.Pooling;
import org.lowrank.text.TokenBatch;
import org.lowrank.text.Tokens;

/**
 * CLIP as a classifier: a class is the mean of what the text tower makes of sentences about it
 * (Radford et al., arXiv 2103.00020, section 3.1.4), and a picture is of the class whose mean has
 * the largest cosine with it. There is no head to train.
 */
public final class PromptClassifier implements PictureClassifier {

    private final Clip clip;
    private final List<Tokens> prompts;
    private final int classes;
    private final boolean adaptsText;
    private NDArray frozen;

    /**
     * @param clip belongs to this
     * @param prompts all sentences of the first class, then those of the next; as many of each
     * @param adaptsText whether adapters reach the text tower too; else its means are made once
     */
    public PromptClassifier(Clip clip, List<Tokens> prompts, int classes, boolean adaptsText) {
        if (prompts.isEmpty() || prompts.size() % classes != 0) {
            throw new IllegalArgumentException(
                    prompts.size() + " prompts for " + classes + " classes");
        }
        this.clip = clip;
        this.prompts = List.copyOf(prompts);
        this.classes = classes;
        this.adaptsText = adaptsText;
    }

    @Override
    public NDArray forward(NDArray pixels, boolean training) {
        var images = clip.ofImages(pixels, training);
        if (adaptsText) {
            return clip.logits(images, means(pixels.getManager(), training));
        }
        if (frozen == null) {
            try (var scratch = clip.manager().newSubManager()) {
                frozen = means(scratch, false).stopGradient();
                frozen.attach(clip.manager());
            }
        }
        var ofStep = frozen.stopGradient();
        ofStep.attach(pixels.getManager());
        return clip.logits(images, ofStep);
    }

    /** (classes, space). */
    private NDArray means(NDManager step, boolean training) {
        var vectors = clip.ofTexts(TokenBatch.of(prompts, step), training);
        return Pooling.normalized(vectors)
                .reshape(classes, prompts.size() / classes, -1)
                .mean(new int[] {1});
    }

    @Override
    public Map<String, NDArray> headParameters() {
        return Map.of();
    }

    @Override
    public Map<String, AdaptableLinear> linears() {
        var linears = new LinkedHashMap<>(clip.linears());
        linears.keySet().removeIf(path -> !adaptsText && path.startsWith("text_"));
        return linears;
    }

    @Override
    public Map<String, Slot> slots() {
        return clip.slots();
    }

    /** Makes the weights leaves of the graph: those of the text tower only if it is adapted. */
    @Override
    public void train(boolean all) {
        slots().forEach(
                        (name, slot) -> {
                            boolean reached = adaptsText || !name.startsWith("text_");
                            slot.array().setRequiresGradient(all && reached);
                        });
    }

    @Override
    public NDManager manager() {
        return clip.manager();
    }

    @Override
    public void close() {
        clip.close();
    }
}
