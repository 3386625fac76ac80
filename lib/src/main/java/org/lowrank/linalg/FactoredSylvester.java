package org.lowrank.linalg;

import org.ejml.data.DMatrixRMaj;

/** AX + XB = C with factored coefficients, ready for right-hand sides. */
public interface FactoredSylvester {

    /**
     * @param c right-hand side (m, n)
     * @throws IllegalArgumentException if C does not have this shape
     */
    Solution solve(DMatrixRMaj c);
}
