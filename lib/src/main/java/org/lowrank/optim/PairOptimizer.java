package org.lowrank.optim;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;

/**
 * What moves adapter pairs. It takes all pairs of a step together, finds its state by their paths,
 * never by position, and works in place on the arrays of the stacks.
 */
public interface PairOptimizer extends AutoCloseable {

    /**
     * One step. All pairs move or none does.
     *
     * @param stacks every pair of the model, grouped by shape; the same paths at every step
     * @param raw dL/dA and dL/dB of each stack at the present factors; not changed and not closed
     * @param learningRate the rate of this step, as the schedule gives it
     * @throws IllegalArgumentException if there is no pair
     * @throws ArithmeticException if a rule is not defined at these factors, and a {@link
     *     org.lowrank.linalg.DivergedException} if a gradient is not finite; the message names the
     *     pair, the factors stay as they were
     */
    void step(List<PairStack> stacks, List<PairGradient> raw, double learningRate);

    /**
     * True if the coming step reads the gradient of A (an alternating order reads one factor a
     * step).
     */
    default boolean readsA() {
        return true;
    }

    /**
     * True if the method is derived from gᴬ = s BᵀG and gᴮ = s G Aᵀ for one matrix G; a layer kind
     * whose gradients are others (AdaLoRA) cannot be trained by it.
     */
    default boolean needsProductGradients() {
        return true;
    }

    /** True if a factor may move where its gradient is zero: weight decay, balancing. */
    default boolean movesWithoutGradient() {
        return false;
    }

    /** True if A stays where it started, at every step. */
    default boolean freezesA() {
        return false;
    }

    /**
     * True if the learning rate is on AdamW's scale: then what a layer kind trains beside its pair
     * (DoRA's m, AdaLoRA's E) moves by AdamW at the rate of the pair, as in PEFT. Elsewhere (a rate
     * that is a share of the way to an optimum, say) it moves at the rate of the head.
     */
    default boolean hasAdamRate() {
        return false;
    }

    /** True if the coming step reads the gradient of B. */
    default boolean readsB() {
        return true;
    }

    /** Bytes of the state that is kept between steps. */
    long stateBytes();

    /**
     * Writes everything that the next step depends on but the factors: a run that reads it goes on
     * bit-equal.
     */
    void save(DataOutput out) throws IOException;

    /** Reads what {@link #save} wrote, for the same pairs. */
    void load(DataInput in, List<PairStack> stacks) throws IOException;

    /** Frees the state. */
    @Override
    void close();
}
