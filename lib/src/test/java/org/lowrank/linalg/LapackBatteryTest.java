package org.lowrank.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.lowrank.bench.reference.SchurSylvester;
import org.lowrank.golden.Fractions;
import org.lowrank.golden.GoldenFiles;

/**
 * The battery by which LAPACK tests its quasi-triangular Sylvester solver: eight blocks with real
 * and complex eigenvalues, entries from 1e-146 to 1e146, both transposes, both signs.
 */
class LapackBatteryTest {

    private static final double EPS = Math.ulp(1.0);
    private static final double SMALL = 4 * Double.MIN_NORMAL / EPS;
    private static final double[] SIZES = {Math.sqrt(SMALL), 1, Math.sqrt(1 / SMALL)};
    private static final double[] FACTORS = {1, 1 + 2 * EPS, 2};

    private int count;
    private int singular;
    private double largest;

    @Test
    void everySolvedCaseHasAResidualBelowTwentyRoundings() {
        var battery = GoldenFiles.shared("sylvester_cases.json").map(n -> n.get("lapack_dget35"));
        assumeTrue(
                battery.isPresent(),
                "shared golden/sylvester_cases.json is not here: the DGET35 battery did not run");
        var blocks = new ArrayList<DMatrixRMaj>();
        battery.get().get("blocks").forEach(block -> blocks.add(Fractions.matrix(block)));
        for (double offDiagonal : new double[] {SIZES[0], SIZES[1]}) {
            var rights = rights(blocks, offDiagonal);
            for (var left : lefts(blocks, offDiagonal)) {
                rights.forEach(right -> run(left, right));
            }
        }
        JsonNode measured = battery.get().get("measured");
        assertEquals(measured.get("knt").asInt(), count);
        assertTrue(largest <= battery.get().get("threshold").asDouble(), "ratio " + largest);
        // LAPACK perturbs 2556 of them, whose blocks it takes as they are given
        assertTrue(singular >= measured.get("ninfo(info=1)").asInt(), singular + " singular");
    }

    /** Aᵀ and A in all sizes. */
    private static List<DMatrixRMaj> lefts(List<DMatrixRMaj> blocks, double offDiagonal) {
        var result = new ArrayList<DMatrixRMaj>();
        for (var block : blocks) {
            for (double size : SIZES) {
                for (double factor : FACTORS) {
                    var a = sized(block, size, factor, offDiagonal);
                    result.add(a);
                    result.add(CommonOps_DDRM.transpose(a, null));
                }
            }
        }
        return result;
    }

    /** B, Bᵀ, -B and -Bᵀ in all sizes. */
    private static List<DMatrixRMaj> rights(List<DMatrixRMaj> blocks, double offDiagonal) {
        var result = new ArrayList<DMatrixRMaj>();
        for (var block : blocks) {
            for (double size : SIZES) {
                for (int sign : new int[] {1, -1}) {
                    var b = sized(block, size, 1, offDiagonal);
                    CommonOps_DDRM.scale(sign, b);
                    result.add(b);
                    result.add(CommonOps_DDRM.transpose(b, null));
                }
            }
        }
        return result;
    }

    private static DMatrixRMaj sized(
            DMatrixRMaj block, double size, double factor, double offDiagonal) {
        var result = block.copy();
        for (int i = 0; i < block.numRows; i++) {
            for (int j = 0; j < block.numCols; j++) {
                boolean near = Math.abs(i - j) <= 1;
                result.set(i, j, block.get(i, j) * (near ? size * factor : offDiagonal));
            }
        }
        return result;
    }

    private void run(DMatrixRMaj a, DMatrixRMaj b) {
        var c = new DMatrixRMaj(a.numRows, b.numRows);
        for (int i = 0; i < c.numRows; i++) {
            for (int j = 0; j < c.numCols; j++) {
                c.set(i, j, Math.sin((i + 1) * (j + 1)));
            }
        }
        count++;
        var solution = new SchurSylvester().factor(a, b).solve(c);
        double relative = separation(a, b) / Math.max(maxAbs(a), maxAbs(b));
        if (solution.status() == Status.SINGULAR) {
            singular++;
            assertTrue(relative <= 1e-14, "called singular at separation " + relative);
        } else {
            largest = Math.max(largest, ratio(a, b, c, solution.orThrow()));
        }
    }

    /** The smallest |aᵢ + bⱼ|, from the diagonal blocks that the matrices are made of. */
    private static double separation(DMatrixRMaj a, DMatrixRMaj b) {
        double smallest = Double.POSITIVE_INFINITY;
        for (double[] left : eigenvalues(a)) {
            for (double[] right : eigenvalues(b)) {
                double real = left[0] + right[0];
                // complex ones come in conjugate pairs: the nearest two have opposite signs
                smallest = Math.min(smallest, Math.hypot(real, left[1] - right[1]));
            }
        }
        return smallest;
    }

    private static List<double[]> eigenvalues(DMatrixRMaj m) {
        var values = new ArrayList<double[]>();
        for (int i = 0; i < m.numRows; i++) {
            boolean pair = i + 1 < m.numRows && m.get(i + 1, i) != 0 && m.get(i, i + 1) != 0;
            if (!pair) {
                values.add(new double[] {m.get(i, i), 0});
                continue;
            }
            double size = Math.max(Math.abs(m.get(i, i + 1)), Math.abs(m.get(i + 1, i)));
            double half = (m.get(i, i) - m.get(i + 1, i + 1)) / 2 / size;
            double mean = (m.get(i, i) + m.get(i + 1, i + 1)) / 2;
            double square = half * half + m.get(i, i + 1) / size * (m.get(i + 1, i) / size);
            double root = size * Math.sqrt(Math.abs(square));
            values.add(new double[] {square < 0 ? mean : mean + root, square < 0 ? root : 0});
            values.add(new double[] {square < 0 ? mean : mean - root, square < 0 ? root : 0});
            i++;
        }
        return values;
    }

    private static double maxAbs(DMatrixRMaj m) {
        return CommonOps_DDRM.elementMaxAbs(m);
    }

    private static double ratio(DMatrixRMaj a, DMatrixRMaj b, DMatrixRMaj c, DMatrixRMaj x) {
        var residual = c.copy();
        CommonOps_DDRM.multAdd(-1, a, x, residual);
        CommonOps_DDRM.multAdd(-1, x, b, residual);
        double size = maxAbs(x);
        double coefficients = Math.max(maxAbs(a), maxAbs(b));
        double unit = Math.max(SMALL, Math.max(SMALL * size, EPS * coefficients * size));
        return CommonOps_DDRM.elementMaxAbs(residual) / unit;
    }
}
