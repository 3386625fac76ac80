package org.lowrank.diagnostics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.adapter.TinyMlp;
import org.lowrank.optim.FollowRule;
import org.lowrank.optim.Optimizers;
import org.lowrank.optim.PairOptimizer;
import org.lowrank.rule.AltLora;
import org.lowrank.rule.Factors;
import org.lowrank.rule.LoraPro;
import org.lowrank.rule.RawGradient;
import org.lowrank.rule.XChoice;
import org.lowrank.train.SpiralObjective;
import org.lowrank.train.StepReport;
import org.lowrank.train.Trained;
import org.lowrank.train.TrainingConfig;
import org.lowrank.train.TrainingListener;
import org.lowrank.train.TrainingLoop;

class GradientMonitorTest {

    private static final String PATH = "block.0.second";

    private NDManager manager;

    @BeforeEach
    void setUp() {
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void tearDown() {
        manager.close();
    }

    private final class Run {
        final TinyMlp model = new TinyMlp(manager, 2, 5, 16, 3, 1);
        final AdapterSet set = AdapterSet.inject(model, LoraConfig.ofRank(2), 11);
        final List<TrainingListener> listeners = new ArrayList<>();

        Map<String, float[]> train(PairOptimizer optimizer, int steps) {
            var task = new SpiralObjective(model, manager, 300, 16, 5);
            var trained = new Trained(model, set, optimizer, Map.of(), null);
            var config = TrainingConfig.of(steps, 0.05).withMaxGradNorm(0);
            new TrainingLoop(trained, task, task, config, 7, listeners).run();
            var factors = new HashMap<String, float[]>();
            for (var pair : set.pairs()) {
                factors.put(pair.path() + ".A", pair.loraA().toFloatArray());
                factors.put(pair.path() + ".B", pair.loraB().toFloatArray());
            }
            return factors;
        }
    }

    @Test
    void aWatchedRunEndsWhereAnUnwatchedOneEndsBitForBit() {
        var plain = new Run().train(Optimizers.create("sgd"), 12);
        var watched = new Run();
        var monitor = new GradientMonitor(watched.set, new RawGradient(), 3, List.of(PATH));
        watched.listeners.add(monitor);
        var factors = watched.train(Optimizers.create("sgd"), 12);
        plain.forEach((name, values) -> assertArrayEquals(values, factors.get(name), name));
        assertEquals(
                List.of(1L, 4L, 7L, 10L),
                monitor.samples().stream().map(GradientMonitor.Sample::step).toList());
    }

    @Test
    void theChainRuleHoldsBetweenTheFullGradientAndTheLoopsOwnGradients() {
        var run = new Run();
        var captured = new ArrayList<double[]>();
        var monitor = new GradientMonitor(run.set, new RawGradient(), 1, List.of(PATH));
        run.listeners.add(
                new TrainingListener() {
                    @Override
                    public void afterBackward(
                            long step, List<PairStack> stacks, List<PairGradient> raw) {
                        for (int i = 0; i < stacks.size(); i++) {
                            int at = stacks.get(i).paths().indexOf(PATH);
                            if (at >= 0) {
                                captured.add(
                                        new double[] {
                                            squares(raw.get(i).gradA().get(at)),
                                            squares(raw.get(i).gradB().get(at))
                                        });
                            }
                        }
                    }
                });
        run.listeners.add(monitor);
        run.train(Optimizers.create("sgd"), 5);
        // <g, g~> = |g_A|^2 + |g_B|^2 for plain LoRA: the left side comes from the frozen weight,
        // the right one from the factors
        for (int i = 0; i < 5; i++) {
            double expected = captured.get(i)[0] + captured.get(i)[1];
            double inner = monitor.samples().get(i).gap().rule().inner();
            assertEquals(expected, inner, 1e-4 * expected);
        }
    }

    private static double squares(NDArray array) {
        double sum = 0;
        for (float value : array.toFloatArray()) {
            sum += (double) value * value;
        }
        return sum;
    }

    @Test
    void withGradientDescentTheMoveHasTheAngleOfTheRule() {
        var run = new Run();
        var rule = new LoraPro(XChoice.ZERO, 1e-12);
        var monitor = new GradientMonitor(run.set, rule, 2, List.of(PATH, "block.1.first"));
        run.listeners.add(monitor);
        run.train(PairOptimizer.of(new FollowRule(rule)), 9);
        assertEquals(10, monitor.samples().size());
        for (var sample : monitor.samples()) {
            var gap = sample.gap();
            assertEquals(gap.rule().cosine(), gap.move().cosine(), 1e-5, sample.toString());
            assertEquals(gap.leastDistance(), gap.distance(), 1e-4, sample.toString());
            // a projection: |g~| = |g| cos, |g~ - g| = |g| sin
            assertEquals(Math.sin(Math.toRadians(gap.rule().angle())), gap.distance(), 1e-4);
        }
    }

    @Test
    void noRuleIsCloserThanTheBestDirections() {
        var run = new Run();
        var monitor = new GradientMonitor(run.set, new RawGradient(), 1, List.of(PATH));
        run.listeners.add(monitor);
        run.train(Optimizers.create("sgd"), 10);
        for (var sample : monitor.samples()) {
            assertTrue(sample.gap().leastDistance() <= sample.gap().distance() + 1e-9);
        }
    }

    @Test
    void theHalfStepsOfAnAlternatingOrderAreSeenAsSuch() {
        var run = new Run();
        var monitor =
                new GradientMonitor(run.set, new AltLora(Factors.BOTH, 1e-6), 1, List.of(PATH));
        run.listeners.add(monitor);
        run.train(Optimizers.create("altlora"), 4);
        var samples = monitor.samples();
        // A first, and B is 0: nothing moves and nothing is approximated
        assertEquals(1, samples.get(0).gap().distance(), 1e-9);
        assertTrue(Double.isNaN(samples.get(0).gap().moveAngle()));
        // then B along g P_A, without momentum before it: the move has the angle of the rule
        assertEquals(samples.get(1).gap().rule().angle(), samples.get(1).gap().moveAngle(), 0.05);
        assertTrue(samples.get(1).gap().distance() < 1);
    }

    @Test
    void betweenSamplesAndAfterTheRunTheFrozenWeightsAreNotDifferentiated() {
        var run = new Run();
        var weight = run.model.linears().get(PATH).weight().stored();
        var monitor = new GradientMonitor(run.set, new RawGradient(), 4, List.of(PATH));
        var differentiated = new ArrayList<Boolean>();
        var arrays = new ArrayList<Integer>();
        run.listeners.add(monitor);
        run.listeners.add(
                new TrainingListener() {
                    @Override
                    public void beforeStep(long step) {
                        differentiated.add(weight.hasGradient());
                    }

                    @Override
                    public void afterStep(StepReport report) {
                        arrays.add(manager.getManagedArrays().size());
                    }
                });
        run.train(Optimizers.create("sgd"), 9);
        assertEquals(
                List.of(true, false, false, false, true, false, false, false, true),
                differentiated);
        assertFalse(weight.hasGradient());
        assertEquals(1, arrays.stream().distinct().count(), arrays.toString());
    }

    @Test
    void aWeightWithoutAnAdapterAndAnotherKindAreRefused() {
        var run = new Run();
        var unknown =
                assertThrows(
                        IllegalArgumentException.class,
                        () ->
                                new GradientMonitor(
                                        run.set, new RawGradient(), 1, List.of("block.9.first")));
        assertTrue(unknown.getMessage().contains("block.9.first"), unknown.getMessage());
        run.set.close();
        var dora = AdapterSet.inject(run.model, LoraConfig.ofRank(2).withLayer("dora"), 1);
        var kind =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> new GradientMonitor(dora, new RawGradient(), 1, List.of(PATH)));
        assertTrue(kind.getMessage().contains("dora"), kind.getMessage());
        dora.close();
    }
}
