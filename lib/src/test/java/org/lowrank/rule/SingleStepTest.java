package org.lowrank.rule;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lowrank.golden.Fractions;
import org.lowrank.golden.GoldenFiles;
import org.lowrank.linalg.Gram;

/** One step of a 3 x 4 weight at rank 2, worked out in exact fractions. */
class SingleStepTest {

    private static final JsonNode STEP =
            GoldenFiles.resource("sylvester_original.json").get("lora_single_step");

    private final DMatrixRMaj a = matrix("A");
    private final DMatrixRMaj b = matrix("B");
    private final DMatrixRMaj gradA = matrix("gradA");
    private final DMatrixRMaj gradB = matrix("gradB");
    private final PairGrams grams =
            new PairGrams(
                    Gram.ofRows(a),
                    Gram.ofColumns(b),
                    CommonOps_DDRM.multTransB(gradA, a, null),
                    CommonOps_DDRM.multTransA(b, gradB, null),
                    Fractions.value(STEP.get("s").asText()));

    @ParameterizedTest(name = "X = {0}")
    @CsvSource({"ZERO, gA_X0, gB_X0", "SYLVESTER, gA_sylv, gB_sylv", "SYMMETRIC, gA_sym, gB_sym"})
    void loraProGivesTheExactGradients(XChoice x, String expectedA, String expectedB) {
        assertGradients(new LoraPro(x, 0), expectedA, expectedB);
    }

    @Test
    void theSylvesterXIsTheExactOne() {
        assertClose(matrix("X"), new LoraPro(XChoice.SYLVESTER, 0).coefficients(grams).mixA());
        assertClose(matrix("X_sym"), new LoraPro(XChoice.SYMMETRIC, 0).coefficients(grams).mixA());
    }

    @Test
    void theScaledGradientIsTheExactOne() {
        assertGradients(new ScaledGradient(0), "scaledA", "scaledB");
    }

    @Test
    void altLoraIsTheScaledGradientOverTheSquareOfTheScaling() {
        var expectedA = matrix("scaledA");
        var expectedB = matrix("scaledB");
        CommonOps_DDRM.scale(0.25, expectedA);
        CommonOps_DDRM.scale(0.25, expectedB);
        var both = new AltLora(Factors.BOTH, 0).coefficients(grams);
        assertClose(expectedA, directionA(both));
        assertClose(expectedB, directionB(both));
        var alone = new AltLora(Factors.A, 0).coefficients(grams);
        assertClose(expectedA, directionA(alone));
        assertClose(new DMatrixRMaj(3, 2), directionB(alone));
        alone = new AltLora(Factors.B, 0).coefficients(grams);
        assertClose(new DMatrixRMaj(2, 4), directionA(alone));
        assertClose(expectedB, directionB(alone));
    }

    @Test
    void theEquivalentGradientAndTheDistancesAreTheExactOnes() {
        var pair = new RandomPair(a, b, matrix("G"), 2);
        assertClose(gradA, pair.rawA());
        assertClose(gradB, pair.rawB());
        for (var x : XChoice.values()) {
            var equivalent = pair.equivalent(pair.directions(new LoraPro(x, 0)));
            assertClose(matrix("eqGrad"), equivalent);
            assertEquals(value("descent"), Math.pow(NormOps_DDRM.normF(equivalent), 2), 1e-12);
        }
        assertClose(matrix("vanillaEq"), pair.equivalent(pair.directions(new RawGradient())));
        assertDistance("dist2_pro", pair, new LoraPro(XChoice.SYLVESTER, 0));
        assertDistance("dist2_vanilla", pair, new RawGradient());
        assertDistance("dist2_altA", pair, new AltLora(Factors.A, 0));
        assertDistance("dist2_altB", pair, new AltLora(Factors.B, 0));
    }

    private static void assertDistance(String name, RandomPair pair, GradientRule rule) {
        double distance = RandomPair.distance(pair.equivalent(pair.directions(rule)), pair.g());
        assertEquals(value(name), distance * distance, 1e-12 * Math.max(1, value(name)));
    }

    @ParameterizedTest(name = "X = {0}")
    @CsvSource({"ZERO, obj_zero", "SYLVESTER, obj_sylv", "SYMMETRIC, obj_sym"})
    void theDistanceToTheRawGradientsIsTheExactOne(XChoice x, String expected) {
        var coefficients = new LoraPro(x, 0).coefficients(grams);
        double square =
                Math.pow(RandomPair.distance(directionA(coefficients), gradA), 2)
                        + Math.pow(RandomPair.distance(directionB(coefficients), gradB), 2);
        assertEquals(value(expected), square, 1e-12 * value(expected));
    }

    private static double value(String name) {
        return Fractions.value(STEP.get(name).asText());
    }

    private void assertGradients(GradientRule rule, String expectedA, String expectedB) {
        var coefficients = rule.coefficients(grams);
        assertClose(matrix(expectedA), directionA(coefficients));
        assertClose(matrix(expectedB), directionB(coefficients));
    }

    private DMatrixRMaj directionA(Coefficients c) {
        var result = CommonOps_DDRM.mult(c.leftA(), gradA, null);
        CommonOps_DDRM.multAdd(c.mixA(), a, result);
        return result;
    }

    private DMatrixRMaj directionB(Coefficients c) {
        var result = CommonOps_DDRM.mult(gradB, c.rightB(), null);
        CommonOps_DDRM.multAdd(b, c.mixB(), result);
        return result;
    }

    private static DMatrixRMaj matrix(String name) {
        return Fractions.matrix(STEP.get(name));
    }

    private static void assertClose(DMatrixRMaj expected, DMatrixRMaj actual) {
        assertEquals(expected.numRows, actual.numRows);
        assertEquals(expected.numCols, actual.numCols);
        for (int i = 0; i < expected.data.length; i++) {
            assertEquals(expected.data[i], actual.data[i], 1e-12);
        }
    }
}
