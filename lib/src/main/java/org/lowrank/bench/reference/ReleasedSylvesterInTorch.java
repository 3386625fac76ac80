package org.lowrank.bench.reference;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.ejml.data.DMatrixRMaj;
import org.lowrank.engine.TorchProgram;

/**
 * The same as {@link ReleasedSylvester}, by PyTorch's own operators and so by its LAPACK: {@code
 * linalg_eig} of both coefficients, {@code linalg_solve} and {@code linalg_inv} of the
 * eigenvectors. It runs as a TorchScript program, which repeats the solve inside so that the way
 * from Java does not count. Only to be measured against.
 */
public final class ReleasedSylvesterInTorch implements AutoCloseable {

    private static final String PROGRAM =
            """
            def solve(self, a: Tensor, b: Tensor, c: Tensor, repeats: int) -> Tensor:
              x = c
              for _0 in range(repeats):
                la, u = torch.linalg_eig(a)
                lb, v = torch.linalg_eig(b)
                right = torch.matmul(torch.complex(c, torch.zeros_like(c)), v)
                f = torch.linalg_solve(u, right)
                w = torch.add(torch.unsqueeze(la, -1), torch.unsqueeze(lb, -2))
                y = torch.matmul(torch.matmul(u, torch.div(f, w)), torch.linalg_inv(v))
                x = torch.real(y)
              return torch.clone(x)
            """;

    private final TorchProgram program = TorchProgram.of(PROGRAM);
    private final NDManager manager = Engine.getEngine("PyTorch").newBaseManager();

    /** X, solved for as many times as it says. */
    public DMatrixRMaj solve(DMatrixRMaj a, DMatrixRMaj b, DMatrixRMaj c, int repeats) {
        try (var scratch = manager.newSubManager()) {
            var x =
                    program.run(
                                    scratch,
                                    "solve",
                                    array(scratch, a),
                                    array(scratch, b),
                                    array(scratch, c),
                                    repeats)
                            .singletonOrThrow();
            return new DMatrixRMaj(c.numRows, c.numCols, true, x.toDoubleArray());
        }
    }

    private static NDArray array(NDManager manager, DMatrixRMaj matrix) {
        return manager.create(matrix.data, new Shape(matrix.numRows, matrix.numCols));
    }

    @Override
    public void close() {
        program.close();
        manager.close();
    }
}
