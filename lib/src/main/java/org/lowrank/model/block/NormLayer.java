package org.lowrank.model.block;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.norm.LayerNorm;
import java.util.List;
import org.lowrank.engine.GraphConstants;
import org.lowrank.engine.TorchProgram;

/** Normalisation over the last axis. */
public final class NormLayer extends ModuleBlock {

    /** Which one. */
    public enum Kind {
        /** (x − mean) / sqrt(variance + ε) · weight + bias (Ba et al., arXiv 1607.06450). */
        LAYER,
        /** x / sqrt(mean of x² + ε) · weight (Zhang and Sennrich, arXiv 1910.07467). */
        RMS,
        /** As RMS, times 1 + weight (Gemma, arXiv 2403.08295, released code). */
        RMS_PLUS_ONE
    }

    /**
     * @param epsilon added to the variance, or to the mean square
     */
    public record Form(Kind kind, double epsilon) {}

    private final Form form;
    private final Shape shape;
    private final Slot weight;
    private final Slot bias;
    private NDArray epsilon;
    private NDArray one;

    public NormLayer(long width, Form form) {
        this.form = form;
        shape = new Shape(width);
        weight = array("weight", shape, form.kind() == Kind.RMS_PLUS_ONE ? 0 : 1);
        bias = form.kind() == Kind.LAYER ? array("bias", shape, 0) : null;
    }

    Form form() {
        return form;
    }

    /** Weight and, where there is one, bias. */
    List<NDArray> arrays() {
        return bias == null ? List.of(weight.array()) : List.of(weight.array(), bias.array());
    }

    /** The same values outside every graph, in one call of the engine. */
    NDArray alone(NDArray x) {
        if (form.kind() != Kind.RMS) {
            return forward(x);
        }
        return Programs.NORM
                .run(x.getManager(), "rms", x, weight.array(), form.epsilon())
                .singletonOrThrow();
    }

    /** Loaded when first asked for. */
    private static final class Programs {
        static final TorchProgram NORM =
                TorchProgram.of(
                        """
                        def rms(self, x: Tensor, weight: Tensor, epsilon: float) -> Tensor:
                          square = torch.mean(torch.square(x), [-1], True)
                          return torch.mul_(torch.div(x, torch.sqrt_(torch.add_(square, epsilon))), weight)
                        """);
    }

    /** (..., width) to the same shape. */
    public NDArray forward(NDArray x) {
        if (bias != null) {
            return LayerNorm.layerNorm(
                            x, shape, weight.array(), bias.array(), (float) form.epsilon())
                    .singletonOrThrow();
        }
        if (epsilon == null) { // lives as long as the weight
            var owner = weight.array().getManager();
            epsilon = GraphConstants.scalar(owner, form.epsilon(), DataType.FLOAT32);
            one = GraphConstants.scalar(owner, 1, DataType.FLOAT32);
        }
        int last = x.getShape().dimension() - 1;
        var meanSquare = x.square().mean(new int[] {last}, true);
        var scale = weight.array();
        return x.div(meanSquare.add(epsilon).sqrt())
                .mul(form.kind() == Kind.RMS ? scale : scale.add(one));
    }
}
