package org.lowrank.model.block;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Activation;
import java.util.function.UnaryOperator;
import org.lowrank.engine.GraphConstants;

/** The element-wise functions of feed-forward maps and heads. */
public enum Nonlinearity {
    /** x Φ(x) (Hendrycks and Gimpel, arXiv 1606.08415). */
    GELU {
        @Override
        public UnaryOperator<NDArray> with(NDManager owner) {
            return Activation::gelu;
        }
    },
    /** The tanh form of GELU: x σ(2 sqrt(2/π) (x + 0.044715 x³)), since 1 + tanh z = 2 σ(2z). */
    GELU_TANH {
        @Override
        public UnaryOperator<NDArray> with(NDManager owner) {
            double c = 2 * Math.sqrt(2 / Math.PI);
            var linear = GraphConstants.scalar(owner, c, DataType.FLOAT32);
            var cubic = GraphConstants.scalar(owner, c * 0.044715, DataType.FLOAT32);
            return x -> x.mul(Activation.sigmoid(x.mul(x.square().mul(cubic).add(linear))));
        }
    },
    /** x σ(x). */
    SILU {
        @Override
        public UnaryOperator<NDArray> with(NDManager owner) {
            return x -> x.mul(Activation.sigmoid(x));
        }
    },
    /** max(x, 0). */
    RELU {
        @Override
        public UnaryOperator<NDArray> with(NDManager owner) {
            return Activation::relu;
        }
    },
    /** The hyperbolic tangent. */
    TANH {
        @Override
        public UnaryOperator<NDArray> with(NDManager owner) {
            return Activation::tanh;
        }
    };

    /**
     * The function.
     *
     * @param owner of its constants, which must live as long as it is used
     */
    public abstract UnaryOperator<NDArray> with(NDManager owner);
}
