package org.lowrank.linalg;

import org.ejml.data.DMatrixRMaj;

/**
 * Solves AX + XB = C for X, with A (m, m), B (n, n) and C, X (m, n). The coefficients are factored
 * once and solved for as many right-hand sides as there are. Empty matrices work.
 */
public interface SylvesterSolver {

    /**
     * @param a left coefficient (m, m)
     * @param b right coefficient (n, n)
     * @throws IllegalArgumentException if a coefficient is not square, or is not of the class that
     *     this solver covers
     */
    FactoredSylvester factor(DMatrixRMaj a, DMatrixRMaj b);

    /** As {@link #factor(DMatrixRMaj, DMatrixRMaj)}, for coefficients known to be symmetric. */
    default FactoredSylvester factor(Gram a, Gram b) {
        return factor(a.matrix(), b.matrix());
    }
}
