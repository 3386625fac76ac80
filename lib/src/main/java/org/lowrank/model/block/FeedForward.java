package org.lowrank.model.block;

import ai.djl.ndarray.NDArray;
import org.lowrank.adapter.AdaptableLinear;

/**
 * The map that works on every token alone: down(f(up x)), or gated down(f(gate x) · up x) (Shazeer,
 * arXiv 2002.05202).
 */
public final class FeedForward extends ModuleBlock {

    /**
     * @param gate null for the plain form; equal to {@code up} where both are one map
     * @param up what the model calls the first map, within the block
     */
    public record Names(String gate, String up, String down) {}

    /**
     * @param width of a token's vector
     * @param inner width inside
     * @param dropout inside, in training
     */
    public record Form(int width, int inner, boolean bias, Nonlinearity f, double dropout) {

        /** Without dropout inside. */
        public Form(int width, int inner, boolean bias, Nonlinearity f) {
            this(width, inner, bias, f, 0);
        }
    }

    private final AdaptableLinear gate;
    private final AdaptableLinear up;
    private final AdaptableLinear down;
    private final Nonlinearity f;
    private final boolean packed;
    private final Regularizer dropout;

    public FeedForward(Form form, Names names) {
        int width = form.width();
        int inner = form.inner();
        packed = names.up().equals(names.gate());
        boolean apart = names.gate() != null && !packed;
        gate = apart ? linear(names.gate(), width, inner, form.bias()) : null;
        up = linear(names.up(), width, packed ? 2 * inner : inner, form.bias());
        down = linear(names.down(), inner, width, form.bias());
        f = form.f();
        dropout = new Regularizer(form.dropout());
    }

    /** x, for all that read it beside this block. */
    NDArray apart(NDArray x) {
        return up.apart(x);
    }

    Nonlinearity f() {
        return f;
    }

    /** Maps of their own and f, nothing more. */
    boolean isPlain() {
        return !packed && dropout.probability() == 0;
    }

    /** (tokens, width) to the same shape. */
    public NDArray forward(NDArray x, boolean training) {
        NDArray inside;
        if (packed) {
            var both = up.forward(x, training).split(2, 1);
            inside = f.of(both.get(0)).mul(both.get(1));
        } else if (gate == null) {
            inside = f.of(up.forward(x, training));
        } else {
            inside = f.of(gate.forward(x, training)).mul(up.forward(x, training));
        }
        return down.forward(dropout.apply(inside, training), training);
    }
}
