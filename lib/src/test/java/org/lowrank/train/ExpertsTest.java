package org.lowrank.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lowrank.adapter.kind.TinyExperts.IN;
import static org.lowrank.adapter.kind.TinyExperts.OUT;
import static org.lowrank.adapter.kind.TinyExperts.PATH;
import static org.lowrank.adapter.kind.TinyExperts.RANK;
import static org.lowrank.adapter.kind.TinyExperts.TOKENS;
import static org.lowrank.adapter.kind.TinyExperts.config;
import static org.lowrank.adapter.kind.TinyExperts.input;
import static org.lowrank.adapter.kind.TinyExperts.model;
import static org.lowrank.adapter.kind.TinyExperts.stir;
import static org.lowrank.adapter.kind.TinyExperts.values;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.kind.ExpertsAdapter;
import org.lowrank.config.Choice;
import org.lowrank.engine.Arrays;
import org.lowrank.optim.Optimizers;
import org.lowrank.optim.ParameterAdamW;

/** The layer kind {@code experts}, with sums over tokens and experts written out in float64. */
class ExpertsTest {

    private static double[][] matrix(NDArray array) {
        var flat = array.toFloatArray();
        int columns = (int) array.getShape().get(1);
        var rows = new double[flat.length / columns][columns];
        for (int i = 0; i < flat.length; i++) {
            rows[i / columns][i % columns] = flat[i];
        }
        return rows;
    }

    /** w_i(x) of every token. */
    private static double[][] shares(AdapterSet set, double[][] x) {
        var gate = matrix(set.adapters().get(PATH).extraParameters().get(ExpertsAdapter.GATE));
        return java.util.Arrays.stream(x).map(row -> softmax(gate, row)).toArray(double[][]::new);
    }

    private static double[] softmax(double[][] gate, double[] row) {
        var e = new double[gate.length];
        double sum = 0;
        for (int i = 0; i < e.length; i++) {
            for (int j = 0; j < row.length; j++) {
                e[i] += gate[i][j] * row[j];
            }
            e[i] = Math.exp(e[i]);
            sum += e[i];
        }
        for (int i = 0; i < e.length; i++) {
            e[i] /= sum;
        }
        return e;
    }

    @Test
    void oneExpertIsLora() {
        try (var manager = NDManager.newBaseManager();
                var one = model(manager);
                var two = model(manager);
                var x = input(manager)) {
            var lora = LoraConfig.ofRank(RANK).withTargetModules("second");
            try (var expert = AdapterSet.inject(one, config(1, 1e-4), 7);
                    var plain = AdapterSet.inject(two, lora, 7)) {
                stir(expert);
                stir(plain);
                assertTrue(expert.stepHook().isEmpty());
                assertArrayEquals(
                        two.linears().get(PATH).forward(x, true).toFloatArray(),
                        one.linears().get(PATH).forward(x, true).toFloatArray());
                assertEquals(plain.trainableCount(), expert.trainableCount());
            }
        }
    }

    @Test
    void atTheStartTheOutputIsTheBases() {
        try (var manager = NDManager.newBaseManager();
                var model = model(manager);
                var x = input(manager)) {
            var layer = model.linears().get(PATH);
            var base = layer.forward(x, false).toFloatArray();
            try (var set = AdapterSet.inject(model, config(4, 1e-4), 7)) {
                assertArrayEquals(base, layer.forward(x, false).toFloatArray());
                assertEquals(4L * RANK * (IN + OUT) + 4 * IN, set.trainableCount());
                var first = set.pairs().get(0).loraA().toFloatArray();
                var second = set.pairs().get(1).loraA().toFloatArray();
                assertTrue(!java.util.Arrays.equals(first, second), "experts start apart");
            }
        }
    }

    @Test
    void eachPairHasTheGradientsOfItsGatedProduct() {
        try (var manager = NDManager.newBaseManager();
                var model = model(manager);
                var x = input(manager);
                var set = AdapterSet.inject(model, config(3, 0), 7)) {
            stir(set);
            var c = values(new SplittableRandom(6), TOKENS * OUT);
            var layer = model.linears().get(PATH);
            var base = layer.weight().product(x, layer.bias().getArray()).toFloatArray();
            float[] y;
            try (var weights = Arrays.nativeCopy(manager, c, new Shape(TOKENS, OUT));
                    var collector = Engine.getInstance().newGradientCollector()) {
                var output = layer.forward(x, true);
                y = output.toFloatArray();
                collector.backward(output.mul(weights).sum());
            }
            var tokens = matrix(x);
            var shares = shares(set, tokens);
            var expected = new double[TOKENS * OUT];
            for (int i = 0; i < expected.length; i++) {
                expected[i] = base[i];
            }
            for (int i = 0; i < 3; i++) {
                var pair = set.pairs().get(i);
                double s = pair.scaling();
                var a = matrix(pair.loraA());
                var b = matrix(pair.loraB());
                // G_i = Σ_t w_i(x_t) c_t x_tᵀ, as the loss is Σ c · y
                var g = new double[OUT][IN];
                for (int t = 0; t < TOKENS; t++) {
                    for (int m = 0; m < OUT; m++) {
                        for (int n = 0; n < IN; n++) {
                            g[m][n] += shares[t][i] * c[t * OUT + m] * tokens[t][n];
                            for (int r = 0; r < RANK; r++) {
                                expected[t * OUT + m] +=
                                        s * shares[t][i] * b[m][r] * a[r][n] * tokens[t][n];
                            }
                        }
                    }
                }
                assertClose(times(s, transposed(b), g), pair.loraA().getGradient());
                assertClose(times(s, g, transposed(a)), pair.loraB().getGradient());
            }
            for (int i = 0; i < y.length; i++) {
                assertEquals(expected[i], y[i], 1e-5);
            }
        }
    }

    private static double[][] transposed(double[][] m) {
        var turned = new double[m[0].length][m.length];
        for (int i = 0; i < m.length; i++) {
            for (int j = 0; j < m[0].length; j++) {
                turned[j][i] = m[i][j];
            }
        }
        return turned;
    }

    private static double[][] times(double s, double[][] left, double[][] right) {
        var product = new double[left.length][right[0].length];
        for (int i = 0; i < left.length; i++) {
            for (int j = 0; j < right[0].length; j++) {
                for (int k = 0; k < right.length; k++) {
                    product[i][j] += s * left[i][k] * right[k][j];
                }
            }
        }
        return product;
    }

    private static void assertClose(double[][] expected, NDArray found) {
        var rows = matrix(found);
        for (int i = 0; i < expected.length; i++) {
            assertArrayEquals(expected[i], rows[i], 1e-5);
        }
    }

    @Test
    void thePenaltyIsTheMeanEntropyAndMovesTheGateAlone() {
        try (var manager = NDManager.newBaseManager();
                var model = model(manager);
                var x = input(manager);
                var set = AdapterSet.inject(model, config(3, 0.1), 7)) {
            stir(set);
            var gate = set.adapters().get(PATH).extraParameters().get(ExpertsAdapter.GATE);
            double penalty;
            try (var collector = Engine.getInstance().newGradientCollector()) {
                model.linears().get(PATH).forward(x, true);
                var value = set.stepHook().orElseThrow().penalty(manager);
                penalty = value.getFloat();
                collector.backward(value);
            }
            var tokens = matrix(x);
            assertEquals(penalty(set, tokens), penalty, 1e-6);
            for (var pair : set.pairs()) {
                assertEquals(0, pair.loraA().getGradient().abs().sum().getFloat());
            }
            var gradient = gate.getGradient().toFloatArray();
            var start = gate.toFloatArray();
            for (int i = 0; i < start.length; i++) {
                var moved = start.clone();
                moved[i] += 1e-2f;
                Arrays.assign(gate, moved);
                double up = penalty(set, tokens);
                moved[i] -= 2e-2f;
                Arrays.assign(gate, moved);
                assertEquals((up - penalty(set, tokens)) / 2e-2, gradient[i], 2e-5);
            }
        }
    }

    /** −0.1 times the mean over tokens of −Σ w log w. */
    private static double penalty(AdapterSet set, double[][] tokens) {
        double sum = 0;
        for (var shares : shares(set, tokens)) {
            for (double w : shares) {
                sum += 0.1 * w * Math.log(w);
            }
        }
        return sum / tokens.length;
    }

    @Test
    void theStepHookRefusesAStepWithoutAPass() {
        try (var manager = NDManager.newBaseManager();
                var model = model(manager);
                var set = AdapterSet.inject(model, config(2, 1e-4), 7)) {
            var hook = set.stepHook().orElseThrow();
            assertThrows(IllegalStateException.class, () -> hook.penalty(manager));
            // nor does one count that has no graph, as where each layer is computed anew
            try (var x = input(manager)) {
                model.linears().get(PATH).forward(x, true);
            }
            assertThrows(IllegalStateException.class, () -> hook.penalty(manager));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "adamw",
                "lora_plus",
                "lora_pro",
                "lora_pro_full",
                "altlora",
                "altlora_plus"
            })
    void everyRuleMovesEveryExpert(String optimizer) {
        try (var manager = NDManager.newBaseManager();
                var model = model(manager);
                var set = AdapterSet.inject(model, config(3, 1e-4), 7);
                var pairs = Optimizers.create(new Choice(optimizer, Map.of()));
                var others = new ParameterAdamW(0)) {
            var before = set.pairs().stream().map(p -> p.loraB().toFloatArray()).toList();
            var trained = new Trained(model, set, pairs, Map.of(), others);
            var objective = new SpiralObjective(model, manager, 60, 10, 3);
            var settings = TrainingConfig.of(6, 1e-2).withSchedule(Schedule.CONSTANT, 0);
            var result =
                    new TrainingLoop(trained, objective, Map::of, settings, 5, List.of()).run();
            assertEquals(TrainingResult.Status.FINISHED, result.status(), result.message());
            for (int i = 0; i < 3; i++) {
                var after = set.pairs().get(i).loraB().toFloatArray();
                assertTrue(!java.util.Arrays.equals(before.get(i), after), "expert " + i);
            }
            var gate = set.adapters().get(PATH).extraParameters().get(ExpertsAdapter.GATE);
            assertTrue(gate.abs().sum().getFloat() > 0, "the gate moves");
        }
    }

    @Test
    void whatHasNoSenseIsRefused() {
        try (var manager = NDManager.newBaseManager();
                var model = model(manager)) {
            var spectral = config(2, 1e-4).withInitialization("spectral");
            var equal =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> AdapterSet.inject(model, spectral, 7));
            assertTrue(equal.getMessage().contains("equal experts stay equal"));
            var pissa = config(2, 1e-4).withInitialization("pissa");
            assertThrows(IllegalArgumentException.class, () -> AdapterSet.inject(model, pissa, 7));
            try (var set = AdapterSet.inject(model, config(2, 1e-4), 7)) {
                var merge = assertThrows(IllegalStateException.class, set::merge);
                assertTrue(merge.getMessage().contains("cannot be merged"));
            }
        }
    }
}
