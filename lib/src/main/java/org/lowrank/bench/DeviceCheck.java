package org.lowrank.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.config.Json;
import org.lowrank.data.BatchPlan;
import org.lowrank.data.instruction.Sample;
import org.lowrank.engine.Arrays;
import org.lowrank.engine.AtomicFile;
import org.lowrank.engine.Devices;
import org.lowrank.engine.Machine;
import org.lowrank.linalg.DivergedException;
import org.lowrank.model.block.Attention;
import org.lowrank.model.block.Decoder;
import org.lowrank.model.block.DecoderLayer;
import org.lowrank.model.block.FeedForward;
import org.lowrank.model.block.Nonlinearity;
import org.lowrank.model.block.NormLayer;
import org.lowrank.model.block.RotaryPositions;
import org.lowrank.model.block.RotaryScaling;
import org.lowrank.optim.Optimizers;
import org.lowrank.task.AnswerObjective;
import org.lowrank.train.Trained;
import org.lowrank.train.TrainingConfig;
import org.lowrank.train.TrainingLoop;

/**
 * Whether a device computes what the processor does, and how much faster: three steps of every
 * optimizer from the same factors and gradients, and three training steps of two small decoders
 * (one of each kind of norm, feed-forward part and positions), on both. Differences are relative to
 * the largest value; in float32 sums round differently, so they are small and not 0.
 */
public final class DeviceCheck {

    private static final int STEPS = 3;
    private static final int TIMED = 10;
    private static final int OUT = 512;
    private static final int IN = 768;
    private static final int RANK = 8;
    private static final int PAIRS = 24;
    private static final double TOLERANCE = 1e-3;

    /**
     * One thing that was done on both.
     *
     * @param difference the largest, relative to the largest value
     * @param seconds a step on the processor
     * @param secondsThere a step on the device
     */
    public record Row(
            String name, double difference, double seconds, double secondsThere, String error) {
        boolean isSound() {
            return error == null && difference <= TOLERANCE;
        }
    }

    private DeviceCheck() {}

    /**
     * @param args the device ({@code gpu}, {@code gpu:1}) and the file to write
     */
    public static void main(String[] args) throws IOException {
        Machine.writePlainNumbers();
        if (args.length != 2) {
            System.err.println("usage: DeviceCheck DEVICE FILE.json");
            System.exit(2);
        }
        Device device;
        try {
            device = Devices.named(args[0]);
        } catch (IllegalStateException | IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(1);
            return;
        }
        var rows = rows(device);
        var facts = new LinkedHashMap<String, Object>();
        facts.put("machine", Machine.describe());
        facts.put("device", Devices.facts(device));
        facts.put("tolerance", TOLERANCE);
        facts.put("sound", rows.stream().allMatch(Row::isSound));
        facts.put("rows", rows);
        var text = Json.pretty(facts);
        AtomicFile.write(Path.of(args[1]), out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
        System.exit(rows.stream().allMatch(Row::isSound) ? 0 : 1);
    }

    /** Everything on both; a line each is printed. */
    static List<Row> rows(Device device) {
        var rows = new ArrayList<Row>();
        for (var name : Optimizers.names()) {
            rows.add(told(row(name, where -> steps(name, where), device)));
        }
        var forms = Map.of("gated, RMS norm, rotary", gated(), "plain, layer norm", plain());
        forms.forEach(
                (name, form) -> rows.add(told(row(name, where -> trained(form, where), device))));
        return rows;
    }

    private static Row told(Row row) {
        System.out.println(
                row.error() == null
                        ? String.format(
                                Locale.ROOT,
                                "%-28s difference %.1e, %.4f s a step here, %.4f s there",
                                row.name(),
                                row.difference(),
                                row.seconds(),
                                row.secondsThere())
                        : row.name() + " " + row.error());
        return row;
    }

    /** What a device computed, and the seconds of a step. */
    private record Outcome(float[] values, double seconds) {}

    @FunctionalInterface
    private interface Work {
        Outcome on(Device device);
    }

    private static Row row(String name, Work work, Device device) {
        try {
            var here = work.on(Device.cpu());
            var there = work.on(device);
            double largest = 0;
            double difference = 0;
            for (int i = 0; i < here.values.length; i++) {
                largest = Math.max(largest, Math.abs(here.values[i]));
                double d = Math.abs(here.values[i] - there.values[i]);
                difference = Math.max(difference, Double.isNaN(d) ? Double.MAX_VALUE : d);
            }
            return new Row(name, difference / largest, here.seconds, there.seconds, null);
        } catch (RuntimeException e) {
            return new Row(name, Double.MAX_VALUE, 0, 0, String.valueOf(e.getMessage()));
        }
    }

    /** The factors after the steps of one optimizer; a rule that has no step there says so. */
    private static Outcome steps(String method, Device device) {
        try (var manager = NDManager.newBaseManager(device);
                var optimizer = Optimizers.create(method)) {
            var random = new SplittableRandom(1);
            var a = new Shape(PAIRS, RANK, IN);
            var b = new Shape(PAIRS, OUT, RANK);
            var paths = new ArrayList<String>();
            for (int i = 0; i < PAIRS; i++) {
                paths.add("pair." + i);
            }
            var stack = new PairStack(paths, some(random, manager, a), some(random, manager, b), 2);
            var raw = new PairGradient(some(random, manager, a), some(random, manager, b));
            for (int step = 0; step < STEPS; step++) {
                optimizer.step(List.of(stack), List.of(raw), 1e-3);
            }
            var values = values(List.of(stack.loraA(), stack.loraB()));
            long start = System.nanoTime();
            for (int step = 0; step < TIMED; step++) {
                optimizer.step(List.of(stack), List.of(raw), 1e-6);
            }
            stack.loraB().sum().getFloat(); // the device has come to its end
            return new Outcome(values, (System.nanoTime() - start) / 1e9 / TIMED);
        } catch (DivergedException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    private static NDArray some(SplittableRandom random, NDManager manager, Shape shape) {
        var values = new float[(int) shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (0.02 * random.nextGaussian());
        }
        return Arrays.nativeCopy(manager, values, shape);
    }

    private static float[] values(List<NDArray> arrays) {
        var all = new float[arrays.stream().mapToInt(a -> (int) a.size()).sum()];
        int at = 0;
        for (var array : arrays) {
            var values = array.toFloatArray();
            System.arraycopy(values, 0, all, at, values.length);
            at += values.length;
        }
        return all;
    }

    /** The factors of a small decoder after a few steps on random words. */
    private static Outcome trained(Decoder.Form form, Device device) {
        try (var manager = NDManager.newBaseManager(device);
                var model = Decoder.random(form, 1, manager);
                var adapters = AdapterSet.inject(model, LoraConfig.ofRank(RANK), 1);
                var optimizer = Optimizers.create("adamw")) {
            var samples = new ArrayList<Sample>();
            var random = new SplittableRandom(2);
            for (int row = 0; row < 8; row++) {
                var ids = random.ints(64, 0, form.vocabulary()).toArray();
                samples.add(new Sample(ids, ids.clone(), row + 1));
            }
            // the same factors on both, whatever the engine draws there
            for (var pair : adapters.pairs()) {
                var of = new SplittableRandom(pair.path().hashCode());
                for (var factor : List.of(pair.loraA(), pair.loraB())) {
                    Arrays.assign(factor, some(of, manager, factor.getShape()));
                }
            }
            var lengths = samples.stream().mapToInt(Sample::length).toArray();
            var plan = BatchPlan.ofSize(lengths, samples.size(), 1);
            var result =
                    new TrainingLoop(
                                    Trained.of(model, adapters, optimizer, Map.of()),
                                    new AnswerObjective(model, samples, 0, plan, false),
                                    Map::of,
                                    TrainingConfig.of(STEPS, 1e-3),
                                    1,
                                    List.of())
                            .run();
            var factors = new ArrayList<NDArray>();
            adapters.stacks().forEach(s -> factors.addAll(List.of(s.loraA(), s.loraB())));
            var last = result.steps().get(result.steps().size() - 1);
            return new Outcome(values(factors), last.seconds());
        }
    }

    private static Decoder.Form gated() {
        var names =
                new DecoderLayer.Names(
                        "input_layernorm",
                        "self_attn",
                        new Attention.Names("q_proj", "k_proj", "v_proj", "o_proj"),
                        "post_attention_layernorm",
                        "mlp",
                        new FeedForward.Names("gate_proj", "up_proj", "down_proj"));
        var layer =
                new DecoderLayer.Form(
                        names,
                        new Attention.Form(128, 8, 2, 16, false, false, 0.25, null, 0),
                        new FeedForward.Form(128, 344, false, Nonlinearity.SILU),
                        new NormLayer.Form(NormLayer.Kind.RMS, 1e-5),
                        0,
                        0);
        return new Decoder.Form(
                1000,
                128,
                128,
                "model.embed_tokens",
                null,
                new RotaryPositions.Form(10_000, 16, new RotaryScaling.Plain()),
                1,
                0,
                "model.layers.%d",
                List.of(layer, layer),
                "model.norm",
                false);
    }

    private static Decoder.Form plain() {
        var names =
                new DecoderLayer.Names(
                        "ln_1",
                        "attn",
                        new Attention.Names("q_proj", "k_proj", "v_proj", "o_proj"),
                        "ln_2",
                        "mlp",
                        new FeedForward.Names(null, "c_fc", "c_proj"));
        var layer =
                new DecoderLayer.Form(
                        names,
                        Attention.Form.plain(128, 8, 0),
                        new FeedForward.Form(128, 512, true, Nonlinearity.GELU_TANH),
                        new NormLayer.Form(NormLayer.Kind.LAYER, 1e-5),
                        0,
                        0);
        return new Decoder.Form(
                1000,
                128,
                128,
                "transformer.wte",
                "transformer.wpe",
                null,
                1,
                0,
                "transformer.h.%d",
                List.of(layer, layer),
                "transformer.ln_f",
                true);
    }
}
