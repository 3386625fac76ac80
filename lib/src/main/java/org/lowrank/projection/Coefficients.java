package org.lowrank.projection;

import org.ejml.data.DMatrixRMaj;

/**
 * What every gradient rule of both papers comes down to: four r x r matrices in float64 with
 *
 * <pre>
 *   gᴬ = leftA  gᴬ_lora + mixA A
 *   gᴮ = gᴮ_lora rightB + B mixB
 * </pre>
 *
 * so that a rule is r x r algebra alone, and no m x m, n x n or m x n matrix is formed.
 */
public record Coefficients(
        DMatrixRMaj leftA, DMatrixRMaj mixA, DMatrixRMaj rightB, DMatrixRMaj mixB) {}
