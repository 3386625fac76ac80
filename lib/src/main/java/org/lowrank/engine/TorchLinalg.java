package org.lowrank.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/** PyTorch's own decompositions, which DJL's arrays do not offer; outside every graph. */
public enum TorchLinalg {
    /** (n, n) symmetric to eigenvalues (n), ascending, and eigenvectors (n, n) in columns. */
    EIGH,
    /** (m, n), m >= n, to Q (m, n) with orthonormal columns and R (n, n). */
    QR;

    private static final String METHODS =
            """
            def EIGH(self, x: Tensor) -> Tuple[Tensor, Tensor]:
              values, vectors = torch.linalg_eigh(x)
              return (values, vectors)
            def QR(self, x: Tensor) -> Tuple[Tensor, Tensor]:
              q, r = torch.linalg_qr(x)
              return (q, r)
            """;

    /** Loaded when first asked for. */
    private static final class Loaded {
        static final TorchProgram PROGRAM = TorchProgram.of(METHODS);
    }

    /** The two results, attached to the manager of {@code matrix}. */
    public NDList apply(NDArray matrix) {
        return Loaded.PROGRAM.run(matrix.getManager(), name(), matrix);
    }
}
