package org.lowrank.linalg;

/** Gaussian elimination with complete pivoting, for the 1 to 4 unknowns of a block. */
final class SmallSystem {

    private SmallSystem() {}

    /**
     * @param system n rows of n coefficients and the right-hand side; overwritten
     * @return the unknowns; not finite if the system is singular
     */
    static double[] solve(double[][] system) {
        int n = system.length;
        var unknown = new int[n];
        for (int k = 0; k < n; k++) {
            unknown[k] = k;
        }
        for (int k = 0; k < n; k++) {
            pivot(system, unknown, k);
            for (int i = k + 1; i < n; i++) {
                double factor = system[i][k] / system[k][k];
                for (int j = k; j <= n; j++) {
                    system[i][j] -= factor * system[k][j];
                }
            }
        }
        var solution = new double[n];
        for (int k = n - 1; k >= 0; k--) {
            double sum = system[k][n];
            for (int j = k + 1; j < n; j++) {
                sum -= system[k][j] * solution[unknown[j]];
            }
            solution[unknown[k]] = sum / system[k][k];
        }
        return solution;
    }

    private static void pivot(double[][] system, int[] unknown, int k) {
        int n = system.length;
        int row = k;
        int column = k;
        for (int i = k; i < n; i++) {
            for (int j = k; j < n; j++) {
                if (Math.abs(system[i][j]) > Math.abs(system[row][column])) {
                    row = i;
                    column = j;
                }
            }
        }
        double[] swap = system[k];
        system[k] = system[row];
        system[row] = swap;
        for (double[] equation : system) {
            double value = equation[k];
            equation[k] = equation[column];
            equation[column] = value;
        }
        int index = unknown[k];
        unknown[k] = unknown[column];
        unknown[column] = index;
    }
}
