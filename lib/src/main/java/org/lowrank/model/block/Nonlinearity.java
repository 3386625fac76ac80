package org.lowrank.model.block;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import org.lowrank.engine.TorchProgram;

/** The element-wise functions of feed-forward maps and heads. */
public enum Nonlinearity {
    /** x Φ(x) (Hendrycks and Gimpel, arXiv 1606.08415). */
    GELU {
        @Override
        public NDArray of(NDArray x) {
            return Activation.gelu(x);
        }
    },
    /** The tanh form of GELU: x/2 (1 + tanh(sqrt(2/π) (x + 0.044715 x³))). */
    GELU_TANH {
        @Override
        public NDArray of(NDArray x) {
            return Fused.PROGRAM.recorded("gelu_tanh", x).singletonOrThrow();
        }
    },
    /** x σ(x). */
    SILU {
        @Override
        public NDArray of(NDArray x) {
            return Fused.PROGRAM.recorded("silu", x).singletonOrThrow();
        }
    },
    /** x σ(1.702 x), CLIP's approximation of GELU. */
    QUICK_GELU {
        @Override
        public NDArray of(NDArray x) {
            return Fused.PROGRAM.recorded("quick_gelu", x).singletonOrThrow();
        }
    },
    /** max(x, 0). */
    RELU {
        @Override
        public NDArray of(NDArray x) {
            return Activation.relu(x);
        }
    },
    /** The hyperbolic tangent. */
    TANH {
        @Override
        public NDArray of(NDArray x) {
            return Activation.tanh(x);
        }
    };

    /** The function of every value, recorded for differentiation. */
    public abstract NDArray of(NDArray x);

    /** One pass over memory each way, where the engine's arrays would take several. */
    private static final class Fused {
        static final TorchProgram PROGRAM =
                TorchProgram.of(
                        """
                        def silu(self, x: Tensor) -> Tensor:
                          return torch.silu(x)

                        def quick_gelu(self, x: Tensor) -> Tensor:
                          return torch.mul(x, torch.sigmoid(torch.mul(x, 1.702)))

                        def gelu_tanh(self, x: Tensor) -> Tensor:
                          return torch.gelu(x, approximate="tanh")
                        """);
    }
}
