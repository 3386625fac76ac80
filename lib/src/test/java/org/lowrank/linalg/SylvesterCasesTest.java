package org.lowrank.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.MatrixFeatures_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.lowrank.bench.reference.KroneckerSylvester;
import org.lowrank.bench.reference.SchurSylvester;
import org.lowrank.golden.Fractions;
import org.lowrank.golden.GoldenFiles;

/**
 * AX + XB = C with exact solutions. The cases of this project ship with the tests; those of named
 * libraries are read from the shared folder where there is one.
 */
class SylvesterCasesTest {

    private static final double EPS = Math.ulp(1.0) / 2;

    private static final List<SylvesterSolver> SOLVERS =
            List.of(new EigenSylvester(), new SchurSylvester(), new KroneckerSylvester());

    static Stream<Arguments> unique() {
        var rows = new ArrayList<Arguments>();
        for (var node : cases("unique")) {
            for (var solver : SOLVERS) {
                if (covers(solver, node)) {
                    rows.add(Arguments.of(node.get("id").asText(), solver, node));
                }
            }
        }
        return rows.stream();
    }

    private static List<JsonNode> cases(String list) {
        var nodes = GoldenFiles.shared("sylvester_cases.json");
        var own = GoldenFiles.resource("sylvester_original.json");
        return StreamSupport.stream(nodes.orElse(own).get(list).spliterator(), false).toList();
    }

    private static boolean covers(SylvesterSolver solver, JsonNode node) {
        return !(solver instanceof EigenSylvester)
                || isSymmetric(matrix(node, "A")) && isSymmetric(matrix(node, "B"));
    }

    private static boolean isSymmetric(DMatrixRMaj m) {
        return MatrixFeatures_DDRM.isSymmetric(m, 0);
    }

    @ParameterizedTest(name = "{0} by {1}")
    @MethodSource("unique")
    void theUniqueSolutionIsFound(String id, SylvesterSolver solver, JsonNode node) {
        var a = matrix(node, "A");
        var b = matrix(node, "B");
        var solution = solver.factor(a, b).solve(matrix(node, "C"));
        assertEquals(Status.OK, solution.status());
        assertTrue(solution.residualRatio() <= 20, "residual ratio " + solution.residualRatio());
        double condition = KroneckerSingularValues.of(a, b).condition();
        double error = relativeError(matrix(node, "X"), solution.x());
        assertTrue(
                error <= 10 * EPS * condition,
                "forward error " + error + " at condition " + condition);
    }

    @ParameterizedTest(name = "{0} by {1}")
    @MethodSource("unique")
    void theSeparationIsThatOfTheCoefficients(String id, SylvesterSolver solver, JsonNode node) {
        var a = matrix(node, "A");
        var b = matrix(node, "B");
        double separation = solver.factor(a, b).solve(matrix(node, "C")).separation();
        double smallest = KroneckerSingularValues.of(a, b).smallest();
        double rounding = 100 * EPS * KroneckerSingularValues.of(a, b).largest();
        if (solver instanceof KroneckerSylvester || isSymmetric(a) && isSymmetric(b)) {
            assertEquals(smallest, separation, rounding);
        } else {
            assertTrue(separation >= smallest - rounding, separation + " < " + smallest);
        }
    }

    @Test
    void theCasesOfNamedLibrariesAreThere() {
        if (GoldenFiles.shared("sylvester_cases.json").isEmpty()) {
            abort(
                    "shared golden/sylvester_cases.json is not here: its 8 library cases did not run");
        }
        assertEquals(15, cases("unique").size());
        assertEquals(9, cases("singular_and_invalid").size());
    }

    static Stream<Arguments> singular() {
        return cases("singular_and_invalid").stream()
                .filter(node -> node.get("id").asText().startsWith("sing"))
                .flatMap(
                        node ->
                                SOLVERS.stream()
                                        .filter(s -> covers(s, node))
                                        .map(s -> Arguments.of(node.get("id").asText(), s, node)));
    }

    @ParameterizedTest(name = "{0} by {1}")
    @MethodSource("singular")
    void aSharedEigenvalueIsReportedAndNothingIsMadeUp(
            String id, SylvesterSolver solver, JsonNode node) {
        var solution = solver.factor(matrix(node, "A"), matrix(node, "B")).solve(matrix(node, "C"));
        assertEquals(Status.SINGULAR, solution.status());
        assertTrue(solution.separation() <= 4 * EPS, "separation " + solution.separation());
        var error = assertThrows(DivergedException.class, solution::orThrow);
        assertTrue(error.getMessage().contains("damp both Gram matrices"), error.getMessage());
        if (solver instanceof SchurSylvester) {
            assertTrue(Double.isNaN(solution.x().get(0, 0)));
        }
    }

    static Stream<SylvesterSolver> leastSquaresSolvers() {
        return Stream.of(new EigenSylvester(), new KroneckerSylvester());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("leastSquaresSolvers")
    void theSingularSolutionIsTheLeastSquaresOneOfSmallestNorm(SylvesterSolver solver) {
        var half = Fractions.matrix("[[1, 0], [0, 0]]");
        var consistent = Fractions.matrix("[[2, 1], [1, 0]]");
        assertClose("[[1, 1], [1, 0]]", solver.factor(half, half).solve(consistent).x());
        var inconsistent = Fractions.matrix("[[2, 1], [1, 1]]");
        assertClose("[[1, 1], [1, 0]]", solver.factor(half, half).solve(inconsistent).x());
        var zero = new DMatrixRMaj(2, 2);
        assertClose("[[0, 0], [0, 0]]", solver.factor(zero, zero).solve(zero).x());
    }

    @Test
    void dampingMakesTheSingularEquationSolvable() {
        var half = new Gram(Fractions.matrix("[[1, 0], [0, 0]]")).damped(1e-3);
        var c = Fractions.matrix("[[2, 1], [1, 1]]");
        for (var solver : SOLVERS) {
            var x = solver.factor(half, half).solve(c).orThrow();
            assertEquals(1 / (2 * 1e-3), x.get(1, 1), 1e-10);
        }
    }

    @Test
    void aSmallSeparationIsSolvedAndReported() {
        var a = Fractions.matrix("[[1]]");
        var b = Fractions.matrix("[[-1+2^-40]]");
        for (var solver : SOLVERS) {
            var solution = solver.factor(a, b).solve(a);
            assertEquals(Status.OK, solution.status());
            assertEquals(Math.scalb(1.0, -40), solution.separation());
            assertEquals(1099511627776.0, solution.x().get(0, 0));
        }
    }

    @Test
    void aValueThatIsNotFiniteIsReportedWhereverItIs() {
        var nan = Fractions.matrix("[[NaN]]");
        var one = Fractions.matrix("[[1]]");
        var infinite = new DMatrixRMaj(new double[][] {{Double.NEGATIVE_INFINITY}});
        for (var solver : SOLVERS) {
            for (var bad : List.of(nan, infinite)) {
                assertNonFinite(solver.factor(bad, one).solve(one));
                assertNonFinite(solver.factor(one, bad).solve(one));
                assertNonFinite(solver.factor(one, one).solve(bad));
            }
        }
    }

    private static void assertNonFinite(Solution solution) {
        assertEquals(Status.NON_FINITE_INPUT, solution.status());
        var error = assertThrows(DivergedException.class, solution::orThrow);
        assertTrue(error.getMessage().contains("NaN or an infinity"), error.getMessage());
    }

    @Test
    void aShapeErrorNamesTheMatrixAndItsShape() {
        var row = new DMatrixRMaj(1, 2);
        var one = new DMatrixRMaj(1, 1);
        for (var solver : SOLVERS) {
            assertRefused("A of AX + XB = C must be square", () -> solver.factor(row, one));
            assertRefused("B of AX + XB = C must be square", () -> solver.factor(one, row));
            assertRefused("C of AX + XB = C", () -> solver.factor(one, one).solve(row));
        }
    }

    private static void assertRefused(String start, Runnable call) {
        var error = assertThrows(IllegalArgumentException.class, call::run);
        assertTrue(error.getMessage().startsWith(start), error.getMessage());
        assertTrue(error.getMessage().contains("(1, 2)"), error.getMessage());
    }

    @Test
    void emptyMatricesHaveEmptySolutions() {
        for (var solver : SOLVERS) {
            for (int[] shape : new int[][] {{0, 0}, {0, 2}, {2, 0}}) {
                var solution =
                        solver.factor(identity(shape[0]), identity(shape[1]))
                                .solve(new DMatrixRMaj(shape[0], shape[1]));
                assertEquals(Status.OK, solution.status());
                assertEquals(shape[0], solution.x().numRows);
                assertEquals(shape[1], solution.x().numCols);
            }
        }
    }

    @Test
    void theEigenvalueSolverRefusesWhatIsNotSymmetric() {
        var skew = Fractions.matrix("[[1, 2], [0, 1]]");
        var error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> new EigenSylvester().factor(skew, skew));
        assertTrue(error.getMessage().contains("must be symmetric"), error.getMessage());
        assertTrue(error.getMessage().contains("SchurSylvester"), error.getMessage());
    }

    @Test
    void theKroneckerSolverRefusesLargeSystems() {
        var error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> new KroneckerSylvester().factor(identity(33), identity(32)));
        assertTrue(error.getMessage().contains("1056 unknowns"), error.getMessage());
    }

    @Test
    void aCyclicMatrixOnWhichPlainStepsStandStillIsSolvedWith() {
        var cyclic = Fractions.matrix("[[0, 0, 1], [1, 0, 0], [0, 1, 0]]");
        assertEquals(Status.OK, new SchurSylvester().factor(cyclic, cyclic).solve(cyclic).status());
    }

    private static DMatrixRMaj identity(int n) {
        return CommonOps_DDRM.identity(n);
    }

    private static DMatrixRMaj matrix(JsonNode node, String name) {
        return Fractions.matrix(node.get(name));
    }

    private static double relativeError(DMatrixRMaj expected, DMatrixRMaj actual) {
        double size = 0;
        double difference = 0;
        for (int i = 0; i < expected.data.length; i++) {
            size = Math.max(size, Math.abs(expected.data[i]));
            difference = Math.max(difference, Math.abs(expected.data[i] - actual.data[i]));
        }
        return difference / size;
    }

    private static void assertClose(String expected, DMatrixRMaj actual) {
        var matrix = Fractions.matrix(expected);
        for (int i = 0; i < matrix.data.length; i++) {
            assertEquals(matrix.data[i], actual.data[i], 1e-14);
        }
    }
}
