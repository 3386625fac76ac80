package org.lowrank.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.RandomMatrices_DDRM;
import org.lowrank.bench.reference.ReferenceSylvester;
import org.lowrank.bench.reference.ReleasedSylvester;
import org.lowrank.bench.reference.ReleasedSylvesterInTorch;
import org.lowrank.linalg.EigenSylvester;
import org.lowrank.linalg.Gram;

/**
 * BᵀB X + X AAᵀ = C by symmetric eigenvalues, against the method of the released code of LoRA-Pro
 * (general complex eigenvectors and their inverse), in time and in forward error:
 *
 * <pre>environment/lowrank bench sylvester</pre>
 *
 * writes {@code bench_sylvester.csv} and {@code .md}. The released method is measured twice:
 * written for EJML, as the solver of this library is, and by PyTorch's operators on one thread. A
 * time is that of one solve with new coefficients; ours includes the residual that it reports, and
 * its refinement. Both Gram matrices have the condition that the row says, with eigenvalues in a
 * geometric sequence. The error is max|X - X*| / max|X*|, X* being refined in twice the working
 * precision: the geometric mean over several problems, 100 up to rank 16 and fewer above, 3 of the
 * largest.
 */
public final class SylvesterBenchmark {

    private static final int[] RANKS = {4, 8, 16, 32, 64, 128};
    private static final double[] CONDITIONS = {1e2, 1e6, 1e10, 1e14};
    private static final int ROUNDS = 15;
    private static final int MOST_PROBLEMS = 100;
    private static final int SMALL_RANK = 16;

    private SylvesterBenchmark() {}

    /** One line of the table; times in microseconds. */
    record Row(
            int rank,
            double condition,
            double eigen,
            double released,
            double releasedRatio,
            double torch,
            double torchRatio,
            double eigenError,
            double releasedError,
            double torchError) {}

    private record Problem(Gram left, Gram right, DMatrixRMaj c) {

        static Problem of(int rank, double condition, long seed) {
            var random = new Random(31 * seed + rank);
            var left = gram(rank, condition, random);
            var right = gram(rank, condition, random);
            var x = RandomMatrices_DDRM.rectangle(rank, rank, -1, 1, random);
            var c = CommonOps_DDRM.mult(left.matrix(), x, null);
            CommonOps_DDRM.multAdd(x, right.matrix(), c);
            return new Problem(left, right, c);
        }

        private static Gram gram(int rank, double condition, Random random) {
            var values = new double[rank];
            for (int i = 0; i < rank; i++) {
                values[i] = Math.pow(condition, -0.5 * i / (rank - 1));
            }
            return Gram.ofColumns(RandomMatrices_DDRM.singular(2 * rank, rank, random, values));
        }

        DMatrixRMaj byEigenvalues() {
            return new EigenSylvester().factor(left, right).solve(c).orThrow();
        }

        DMatrixRMaj asReleased() {
            return ReleasedSylvester.solve(left.matrix(), right.matrix(), c);
        }

        DMatrixRMaj asReleased(ReleasedSylvesterInTorch torch, int repeats) {
            return torch.solve(left.matrix(), right.matrix(), c, repeats);
        }
    }

    /**
     * @param args the folder to write to
     */
    public static void main(String[] args) throws IOException {
        var folder = Benchmarks.folder(args);
        Benchmarks.useOneThread();
        var rows = new ArrayList<Row>();
        try (var torch = new ReleasedSylvesterInTorch()) {
            for (int rank : RANKS) {
                // Once for nothing: the JIT compiler looks at every new size again.
                measure(rank, CONDITIONS[0], torch, 1);
                for (double condition : CONDITIONS) {
                    rows.add(measure(rank, condition, torch, ROUNDS));
                    System.out.println(markdown(rows.get(rows.size() - 1)));
                }
            }
        }
        write(folder, rows);
    }

    static Row measure(int rank, double condition, ReleasedSylvesterInTorch torch, int rounds) {
        var problem = Problem.of(rank, condition, 0);
        int repeats = Math.max(1, 2048 / (rank * rank));
        var times =
                TakingTurns.microseconds(
                        List.of(
                                problem::byEigenvalues,
                                problem::asReleased,
                                () -> problem.asReleased(torch, repeats)),
                        rounds);
        for (int i = 0; i < rounds; i++) {
            times[2][i] /= repeats;
        }
        double[] errors = errors(rank, condition, torch);
        return new Row(
                rank,
                condition,
                TakingTurns.median(times[0]),
                TakingTurns.median(times[1]),
                TakingTurns.ratio(times[1], times[0]),
                TakingTurns.median(times[2]),
                TakingTurns.ratio(times[2], times[0]),
                errors[0],
                errors[1],
                errors[2]);
    }

    /** The geometric mean of each method's error over the problems. */
    private static double[] errors(int rank, double condition, ReleasedSylvesterInTorch torch) {
        int problems = rank <= SMALL_RANK ? MOST_PROBLEMS : Math.max(3, 160 / rank);
        var logs = new double[3];
        for (int seed = 0; seed < problems; seed++) {
            var problem = Problem.of(rank, condition, seed);
            var exact = ReferenceSylvester.solve(problem.left(), problem.right(), problem.c());
            logs[0] += Math.log(error(exact, problem.byEigenvalues()));
            logs[1] += Math.log(error(exact, problem.asReleased()));
            logs[2] += Math.log(error(exact, problem.asReleased(torch, 1)));
        }
        return Arrays.stream(logs).map(sum -> Math.exp(sum / problems)).toArray();
    }

    private static double error(DMatrixRMaj exact, DMatrixRMaj found) {
        var difference = CommonOps_DDRM.subtract(found, exact, null);
        return CommonOps_DDRM.elementMaxAbs(difference) / CommonOps_DDRM.elementMaxAbs(exact);
    }

    private static void write(Path folder, List<Row> rows) throws IOException {
        var csv =
                new StringBuilder(
                        "rank,gram_condition,eigen_us,released_us,released_over_eigen,"
                                + "released_torch_us,released_torch_over_eigen,"
                                + "eigen_error,released_error,released_torch_error\n");
        var markdown = new StringBuilder();
        markdown.append(
                """
                BᵀB X + X AAᵀ = C: symmetric eigenvalues (ours) against the released method of \
                LoRA-Pro (general complex eigenvectors and their inverse).
                Microseconds of processor time a solve, medians; ratios over ours; geometric means \
                of the forward error, max|X - X*| / max|X*|.

                %s.

                | r | Gram condition | ours | released, EJML | ratio | released, PyTorch | ratio \
                | error: ours | released, EJML | released, PyTorch |
                |---|---|---|---|---|---|---|---|---|---|
                """
                        .formatted(Benchmarks.made("sylvester")));
        for (var row : rows) {
            csv.append(csv(row)).append('\n');
            markdown.append(markdown(row)).append('\n');
        }
        Benchmarks.write(folder, "bench_sylvester", csv.toString(), markdown.toString());
    }

    private static String csv(Row r) {
        return String.format(
                Locale.ROOT,
                "%d,%.0e,%.2f,%.2f,%.2f,%.2f,%.2f,%.2e,%.2e,%.2e",
                r.rank,
                r.condition,
                r.eigen,
                r.released,
                r.releasedRatio,
                r.torch,
                r.torchRatio,
                r.eigenError,
                r.releasedError,
                r.torchError);
    }

    private static String markdown(Row r) {
        return "| " + csv(r).replace(",", " | ") + " |";
    }
}
