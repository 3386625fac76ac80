package org.lowrank.adapter.init;

import java.util.SplittableRandom;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.Initialization;

/**
 * LoRA-One: with -G = U S Vᵀ, the negative gradient of W0 on a few samples, A = c diag(S_r / S_1)^½
 * V_rᵀ and B = c U_r diag(S_r / S_1)^½. W0 stays: the start is one step of full fine-tuning
 * projected to rank r, so the output moves. c = sqrt(1/s) in the paper (then sBA is that step, of
 * spectral norm 1), 1/sqrt(gamma) in the released code.
 *
 * @param gradients of the base weights
 * @param gamma the released code's, for example 128; 0 for the paper's sqrt(1/s)
 * @see <a href="https://arxiv.org/abs/2502.01235">Zhang, Liu and Chen, LoRA-One, algorithm 1</a>
 */
public record LoraOne(BaseGradients gradients, double gamma) implements Initialization {

    public LoraOne {
        if (!(gamma >= 0) || Double.isInfinite(gamma)) {
            throw new IllegalArgumentException(
                    "gamma must be positive, or 0 for the paper's form, not " + gamma);
        }
    }

    /** The paper's form. */
    public static LoraOne paper(BaseGradients gradients) {
        return new LoraOne(gradients, 0);
    }

    /** The released code's form. */
    public static LoraOne released(BaseGradients gradients, double gamma) {
        if (gamma == 0) {
            throw new IllegalArgumentException("the released form needs a positive gamma");
        }
        return new LoraOne(gradients, gamma);
    }

    @Override
    public Factors start(
            String path, AdaptableLinear layer, int rank, double scaling, SplittableRandom random) {
        var gradient = gradients.at(path);
        try (var scratch = gradient.getManager().newSubManager()) {
            var negative = gradient.neg();
            negative.attach(scratch);
            var triplets = SingularTriplets.exact(negative, rank, scratch);
            double c = Math.sqrt(1 / (gamma == 0 ? scaling : gamma));
            var root = triplets.s().div(triplets.s().max()).sqrt().mul(c);
            return StartValues.of(triplets.v().mul(root).transpose(), triplets.u().mul(root));
        }
    }

    @Override
    public boolean movesOutput() {
        return true;
    }

    @Override
    public String toString() {
        return gamma == 0 ? "lora_one" : "lora_one(gamma=" + gamma + ")";
    }
}
