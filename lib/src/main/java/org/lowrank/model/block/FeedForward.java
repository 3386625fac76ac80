package org.lowrank.model.block;

import ai.djl.ndarray.NDArray;
import org.lowrank.adapter.AdaptableLinear;

/**
 * The map that works on every token alone: down(f(up x)), or gated down(f(gate x) · up x) (Shazeer,
 * arXiv 2002.05202).
 */
public final class FeedForward extends ModuleBlock {

    /**
     * @param gate null for the plain form
     * @param up what the model calls the first map, within the block
     */
    public record Names(String gate, String up, String down) {}

    /**
     * @param width of a token's vector
     * @param inner width inside
     */
    public record Form(int width, int inner, boolean bias, Nonlinearity f) {}

    private final AdaptableLinear gate;
    private final AdaptableLinear up;
    private final AdaptableLinear down;
    private final Nonlinearity f;

    public FeedForward(Form form, Names names) {
        int width = form.width();
        int inner = form.inner();
        gate = names.gate() == null ? null : linear(names.gate(), width, inner, form.bias());
        up = linear(names.up(), width, inner, form.bias());
        down = linear(names.down(), inner, width, form.bias());
        f = form.f();
    }

    /** (tokens, width) to the same shape. */
    public NDArray forward(NDArray x, boolean training) {
        if (gate == null) {
            return down.forward(f.of(up.forward(x, training)), training);
        }
        var opened = f.of(gate.forward(x, training));
        return down.forward(opened.mul(up.forward(x, training)), training);
    }
}
