package org.lowrank.adapter.init;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.SingularOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.BaseGradients;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.StartContext;
import org.lowrank.adapter.TinyMlp;
import org.lowrank.adapter.kind.AdaLora;
import org.lowrank.config.Choice;

class InitializationTest {

    private static final String PATH = "block.1.first";
    private NDManager manager;
    private TinyMlp model;

    @BeforeEach
    void setUp() {
        manager = NDManager.newBaseManager();
        model = new TinyMlp(manager, 2, 20, 28, 20, 1);
    }

    @AfterEach
    void tearDown() {
        manager.close();
    }

    private NDArray x(NDManager owner) {
        return owner.arange(60f).reshape(new Shape(3, 20)).div(30).sub(1);
    }

    private float[] output() {
        try (var scratch = manager.newSubManager()) {
            return model.forward(x(scratch), false).toFloatArray();
        }
    }

    private BaseGradients gradients() {
        return BaseGradients.estimate(
                model, 2, (step, batch) -> model.forward(x(step), true).square().mean());
    }

    private static Choice named(String name) {
        return switch (name) {
            case "pissa_niter_4" -> new Choice("pissa", Map.of("iterations", 4));
            case "lora_ga_gd" -> new Choice("lora_ga", Map.of("scale", "gd"));
            default -> new Choice(name, Map.of());
        };
    }

    /** What a start that asks for gradients gets. */
    private static StartContext context(BaseGradients gradients) {
        return new StartContext(7, 0, batches -> gradients);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "kaiming, false, true",
        "kaiming_swapped, true, false",
        "gaussian, false, true",
        "gaussian_swapped, true, false",
        "orthogonal, false, false",
        "spectral, false, true",
        "spectral_swapped, true, false",
        "pissa, false, false",
        "pissa_niter_4, false, false",
        "lora_ga, false, false",
        "lora_ga_gd, false, false",
    })
    void theOutputsStayAndTheStatedFactorIsZero(String name, boolean zeroA, boolean zeroB) {
        var before = output();
        var weights = model.linears().get(PATH).weight().stored().toFloatArray();
        try (var gradients = gradients()) {
            for (var kind : List.of("lora", "dora")) {
                var config = LoraConfig.ofRank(4).withLayer(kind).withInitialization(named(name));
                try (var set = AdapterSet.inject(model, config, context(gradients))) {
                    assertArrayEquals(before, output(), 1e-5f, kind + " " + name);
                    for (var pair : set.pairs()) {
                        assertEquals(zeroA, isZero(pair.loraA()));
                        assertEquals(zeroB, isZero(pair.loraB()));
                    }
                }
                assertArrayEquals(
                        weights,
                        model.linears().get(PATH).weight().stored().toFloatArray(),
                        "closing gives the base back bit for bit");
            }
        }
    }

    private static boolean isZero(NDArray factor) {
        return factor.abs().max().getFloat() == 0;
    }

    @ParameterizedTest(name = "{0} x {1}")
    @CsvSource({"20, 28", "28, 20", "16, 16"})
    void singularTripletsAreThoseOfAnotherLibrary(int rows, int columns) {
        var random = new SplittableRandom(5);
        var values = random.doubles((long) rows * columns, -1, 1).toArray();
        var matrix = manager.create(values, new Shape(rows, columns));
        var expected = ejmlSingularValues(values, rows, columns);
        for (boolean exact : new boolean[] {true, false}) {
            var found =
                    exact
                            ? SingularTriplets.exact(matrix, 4, manager)
                            : SingularTriplets.randomized(matrix, 4, 16, 60, random, manager);
            assertArrayEquals(Arrays.copyOf(expected, 4), found.s().toDoubleArray(), 1e-10);
            assertOrthonormal(found.u(), 1e-10);
            assertOrthonormal(found.v(), 1e-10);
            // M v = s u, column by column
            var residual = matrix.matMul(found.v()).sub(found.u().mul(found.s()));
            assertTrue(residual.abs().max().getDouble() < 1e-10);
        }
    }

    private static double[] ejmlSingularValues(double[] values, int rows, int columns) {
        var svd = DecompositionFactory_DDRM.svd(rows, columns, false, false, true);
        svd.decompose(new DMatrixRMaj(rows, columns, true, values));
        var s = svd.getSingularValues();
        SingularOps_DDRM.descendingOrder(null, false, s, s.length, null, false);
        return s;
    }

    private void assertOrthonormal(NDArray columns, double tolerance) {
        var gram = columns.transpose().matMul(columns);
        var eye = manager.eye((int) gram.getShape().get(0)).toType(DataType.FLOAT64, false);
        assertEquals(0, gram.sub(eye).abs().max().getDouble(), tolerance);
    }

    @Test
    void pissaTakesThePrincipalPartOutOfTheBase() {
        var layer = model.linears().get(PATH);
        var before = layer.weight().stored().toType(DataType.FLOAT64, true);
        var s = ejmlSingularValues(before.toDoubleArray(), 28, 20);
        var config = LoraConfig.ofRank(4).withInitialization("pissa").withLoraAlpha(6);
        try (var set = AdapterSet.inject(model, config, 7)) {
            var after = layer.weight().stored().toType(DataType.FLOAT64, true);
            var rest = ejmlSingularValues(after.toDoubleArray(), 28, 20);
            assertArrayEquals(Arrays.copyOfRange(s, 4, 20), Arrays.copyOf(rest, 16), 1e-6);
            var pair = set.adapters().get(PATH).pair();
            // rows of A and columns of B have the length sqrt(S_i / s)
            for (int i = 0; i < 4; i++) {
                double expected = Math.sqrt(s[i] / 1.5);
                assertEquals(expected, pair.loraA().get(i).norm().getFloat(), 1e-5);
                assertEquals(expected, pair.loraB().get(":, " + i).norm().getFloat(), 1e-5);
            }
        }
    }

    @Test
    void loraGaTakesOrthogonalDirectionsOfTheGradient() {
        var config = LoraConfig.ofRank(3).withRslora(true).withLoraAlpha(4);
        try (var gradients = gradients()) {
            var wide = gradients.at(PATH).toType(DataType.FLOAT64, true);
            var s = ejmlSingularValues(wide.toDoubleArray(), 28, 20);
            try (var set =
                    AdapterSet.inject(
                            model, config.withInitialization("lora_ga"), context(gradients))) {
                var pair = set.adapters().get(PATH).pair();
                double c = Math.pow(28, 0.25) / 4; // out^(1/4) / sqrt(16)
                var a = pair.loraA().toType(DataType.FLOAT64, true).div(c);
                var b = pair.loraB().toType(DataType.FLOAT64, true).div(c);
                assertOrthonormal(a.transpose(), 1e-6);
                assertOrthonormal(b, 1e-6);
                var kept = wide.matMul(a.transpose()); // G V_{1..r} = U_{1..r} S_{1..r}
                double best = s[0] * s[0] + s[1] * s[1] + s[2] * s[2];
                assertEquals(1, kept.square().sum().getDouble() / best, 1e-3);
                assertEquals(0, b.transpose().matMul(kept).abs().max().getDouble(), 1e-6 * s[0]);
                var next = b.transpose().matMul(wide).square().sum().getDouble();
                double second = s[3] * s[3] + s[4] * s[4] + s[5] * s[5];
                assertTrue(next > 0.8 * second, next + " of " + second);
            }
        }
    }

    @Test
    void loraOneIsOneStepAlongTheNegativeGradientAndMovesTheOutput() {
        var before = output();
        try (var gradients = gradients()) {
            var wide = gradients.at(PATH).toType(DataType.FLOAT64, true);
            var config = LoraConfig.ofRank(4).withInitialization("lora_one");
            try (var set = AdapterSet.inject(model, config, context(gradients))) {
                assertFalse(Arrays.equals(before, output()));
                // sBA has spectral norm 1 and makes a decrease: <sBA, G> = -(S1² + .. + S4²)/S1
                var step = set.adapters().get(PATH).pair().product(manager);
                var s = ejmlSingularValues(wide.toDoubleArray(), 28, 20);
                double expected = 0;
                for (int i = 0; i < 4; i++) {
                    expected -= s[i] * s[i] / s[0];
                }
                assertEquals(expected, step.mul(wide).sum().getDouble(), 1e-6 * s[0]);
                assertEquals(1, ejmlSingularValues(step.toDoubleArray(), 28, 20)[0], 1e-6);
            }
            var released = new Choice("lora_one", Map.of("gamma", 128));
            try (var set =
                    AdapterSet.inject(
                            model, config.withInitialization(released), context(gradients))) {
                var step = set.adapters().get(PATH).pair().product(manager);
                double s = set.pairs().get(0).scaling();
                assertEquals(s / 128, ejmlSingularValues(step.toDoubleArray(), 28, 20)[0], 1e-7);
            }
        }
    }

    @Test
    void whatAStartNeedsIsSaidWhenItIsNotThere() {
        var lora = LoraConfig.ofRank(2);
        var adaLora = lora.withLayer(AdaLora.to(1, 10).choice());
        try (var gradients = gradients()) {
            refused(
                    "takes 2r singular vectors",
                    LoraConfig.ofRank(11).withInitialization("lora_ga"),
                    context(gradients));
            refused(
                    "cannot hold what lora_one",
                    adaLora.withInitialization("lora_one"),
                    context(gradients));
        }
        var seed = StartContext.of(7);
        refused("none can be estimated", lora.withInitialization("lora_one"), seed);
        refused("even, not 3", LoraConfig.ofRank(3).withInitialization("orthogonal"), seed);
        refused("cannot hold what pissa", adaLora.withInitialization("pissa"), seed);
        refused("known are [kaiming, ", lora.withInitialization("xavier"), seed);
        refused("known are [lora, dora, adalora", lora.withLayer("loha"), seed);
    }

    private void refused(String message, LoraConfig config, StartContext context) {
        var before = output();
        var error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> AdapterSet.inject(model, config, context));
        assertTrue(error.getMessage().contains(message), error.getMessage());
        assertArrayEquals(before, output());
    }
}
