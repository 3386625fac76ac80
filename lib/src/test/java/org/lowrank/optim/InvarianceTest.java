package org.lowrank.optim;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.RandomMatrices_DDRM;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lowrank.optim.QuadraticPairs.Start;

/**
 * Transformation invariance (AltLoRA, definition 1): from (B, A) and from (B R⁻¹, R A), which have
 * one product, the same products must follow. The specification's A.4 and B.4 say for which methods
 * this is exact.
 */
class InvarianceTest {

    private static final int STEPS = 8;
    private static final double EXACT = 1e-9;
    private static final double BROKEN = 1e-4;

    private static final DMatrixRMaj GENERAL =
            new DMatrixRMaj(new double[][] {{2, 0.7}, {-0.4, 0.5}});
    private static final DMatrixRMaj ORTHOGONAL =
            RandomMatrices_DDRM.orthogonal(2, 2, new Random(5));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lora_pro_sgd x=ZERO damping=0",
                "lora_pro_sgd x=SYMMETRIC damping=0",
                "lora_pro_full x=ZERO damping=0",
                "lora_pro_full x=SYMMETRIC damping=0",
                "altlora damping=0",
                "altlora damping=0 order=B_FIRST",
                "altlora damping=0 order=JOINT",
                "altlora damping=0 aligned=false",
                "altlora damping=0 weightDecay=0.3",
                "scaled_sgd damping=0",
                "lora_rite epsilon=1e-13 skipRms=0"
            })
    void theProductDoesNotDependOnTheFactorisation(String method) {
        double difference = difference(method, GENERAL);
        assertTrue(difference <= EXACT, method + ": products differ by " + difference);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sgd",
                "lora_pro_sgd x=SYLVESTER damping=0",
                "lora_pro_full x=SYLVESTER damping=0"
            })
    void anOrthogonalChangeOfBasisIsHarmless(String method) {
        double difference = difference(method, ORTHOGONAL);
        assertTrue(difference <= EXACT, method + ": products differ by " + difference);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sgd",
                "adamw",
                "lora_pro_sgd x=SYLVESTER damping=0",
                "lora_pro_sgd x=ZERO damping=0.1",
                "lora_pro x=ZERO damping=0",
                "altlora damping=0.1",
                "altlora_plus damping=0",
                "scaled_adamw damping=0"
            })
    void theProductDependsOnTheFactorisation(String method) {
        double difference = difference(method, GENERAL);
        assertTrue(difference > BROKEN, method + ": products differ by " + difference + " only");
    }

    private static double difference(String method, DMatrixRMaj change) {
        var inverse = change.copy();
        CommonOps_DDRM.invert(inverse);
        var changed = new ArrayList<List<Start>>();
        for (var group : QuadraticPairs.fivePairs(3)) {
            changed.add(
                    group.stream()
                            .map(
                                    s ->
                                            s.withFactors(
                                                    Matrices.product(change, s.a()),
                                                    Matrices.product(s.b(), inverse)))
                            .toList());
        }
        try (var one = new QuadraticPairs(DataType.FLOAT64, QuadraticPairs.fivePairs(3));
                var other = new QuadraticPairs(DataType.FLOAT64, changed);
                var first = create(method);
                var second = create(method)) {
            double rate =
                    method.startsWith("altlora_plus")
                                    || method.contains("adam")
                                    || method.equals("sgd")
                            ? 0.02
                            : 0.1;
            for (int i = 0; i < STEPS; i++) {
                one.step(first, rate);
                other.step(second, rate);
            }
            return one.paths().stream()
                    .mapToDouble(p -> Matrices.relativeError(other.delta(p), one.delta(p)))
                    .max()
                    .orElseThrow();
        }
    }

    /** {@code name option=value ...}. */
    private static PairOptimizer create(String text) {
        var parts = text.split(" ");
        Map<String, Object> options = new HashMap<>();
        for (int i = 1; i < parts.length; i++) {
            var option = parts[i].split("=");
            options.put(option[0], value(option[1]));
        }
        return Optimizers.create(parts[0], options);
    }

    private static Object value(String text) {
        if (text.equals("true") || text.equals("false")) {
            return Boolean.valueOf(text);
        }
        return Character.isLetter(text.charAt(0)) ? text : (Object) Double.valueOf(text);
    }
}
