package org.lowrank.linalg;

import java.util.Locale;
import org.ejml.data.DMatrixRMaj;

/**
 * The outcome of AX + XB = C.
 *
 * @param x the solution if the status is {@link Status#OK}. If it is {@link Status#SINGULAR}: the
 *     least-squares solution of smallest norm, where the solver can give one (eigenvalues of
 *     symmetric matrices, Kronecker product), else NaN. Otherwise NaN.
 * @param status how it ended
 * @param separation how far A and -B are from sharing an eigenvalue: the smallest |aᵢ + bⱼ| over
 *     their eigenvalues (from the Kronecker product: the smallest singular value, which is never
 *     larger, and is equal for symmetric matrices). NaN if it is not known. The number to print
 *     when training misbehaves.
 * @param residualRatio max|AX + XB - C| / (eps max(|A|, |B|) max|X|), entry-wise maxima; below 20
 *     for a backward stable solve up to size 64, above which the evaluation of the residual itself
 *     comes to as much. 0 when the residual is 0, NaN without a solution.
 */
public record Solution(DMatrixRMaj x, Status status, double separation, double residualRatio) {

    /**
     * The solution.
     *
     * @throws DivergedException if the status is not {@link Status#OK}; the message holds the
     *     causes and the remedy
     */
    public DMatrixRMaj orThrow() {
        if (status == Status.OK) {
            return x;
        }
        var message =
                "AX + XB = C with X (%s, %s) is not solved: %s, separation %s; %s"
                        .formatted(
                                x.numRows,
                                x.numCols,
                                status,
                                String.format(Locale.ROOT, "%.1e", separation),
                                status.advice());
        throw new DivergedException(message);
    }
}
