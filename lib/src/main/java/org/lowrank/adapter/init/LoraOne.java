package org.lowrank.adapter.init;

import java.util.List;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.Initialization;
import org.lowrank.adapter.StartContext;
import org.lowrank.config.Option;
import org.lowrank.config.OptionValues;

/**
 * LoRA-One: with -G = U S Vᵀ, the negative gradient of W0 on a few samples, A = c diag(S_r / S_1)^½
 * V_rᵀ and B = c U_r diag(S_r / S_1)^½. W0 stays: the start is one step of full fine-tuning
 * projected to rank r, so the output moves. c = sqrt(1/s) in the paper (then sBA is that step, of
 * spectral norm 1), 1/sqrt(gamma) in the released code.
 *
 * @param batches that the gradient is averaged over
 * @param gamma the released code's, for example 128; 0 for the paper's sqrt(1/s)
 * @see <a href="https://arxiv.org/abs/2502.01235">Zhang, Liu and Chen, LoRA-One, algorithm 1</a>
 */
public record LoraOne(int batches, double gamma) implements Initialization {

    public LoraOne {
        if (!(gamma >= 0) || Double.isInfinite(gamma)) {
            throw new IllegalArgumentException(
                    "gamma must be positive, or 0 for the paper's form, not " + gamma);
        }
    }

    private static final Option<Double> GAMMA =
            Option.number("gamma", 0, "at least 0", g -> g >= 0, "0: the paper's form, sqrt(1/s)");

    static final List<Option<?>> OPTIONS = List.of(LoraGa.BATCHES, GAMMA);

    static LoraOne from(OptionValues options) {
        return new LoraOne(options.get(LoraGa.BATCHES), options.get(GAMMA));
    }

    @Override
    public Start start(
            String path, AdaptableLinear layer, int rank, double scaling, StartContext context) {
        var gradient = context.gradients(batches).at(path);
        try (var scratch = gradient.getManager().newSubManager()) {
            var negative = gradient.neg();
            negative.attach(scratch);
            var triplets = SingularTriplets.exact(negative, rank, scratch);
            double c = Math.sqrt(1 / (gamma == 0 ? scaling : gamma));
            var root = triplets.s().div(triplets.s().max()).sqrt().mul(c);
            return Start.of(triplets.v().mul(root).transpose(), triplets.u().mul(root));
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
