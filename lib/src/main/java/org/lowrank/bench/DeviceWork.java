package org.lowrank.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.PackedWeight;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.data.BatchPlan;
import org.lowrank.data.instruction.Sample;
import org.lowrank.engine.Arrays;
import org.lowrank.engine.Packing;
import org.lowrank.linalg.DivergedException;
import org.lowrank.model.Bert;
import org.lowrank.model.BertConfig;
import org.lowrank.model.T5;
import org.lowrank.model.T5Config;
import org.lowrank.model.block.Decoder;
import org.lowrank.model.block.Network;
import org.lowrank.model.vision.CifarResNet;
import org.lowrank.model.vision.VitFamily;
import org.lowrank.optim.Optimizers;
import org.lowrank.task.instruction.AnswerObjective;
import org.lowrank.text.TokenBatch;
import org.lowrank.text.Tokens;
import org.lowrank.train.GraphObjective;
import org.lowrank.train.Objective;
import org.lowrank.train.Trained;
import org.lowrank.train.TrainingConfig;
import org.lowrank.train.TrainingLoop;

/** What {@link DeviceCheck} does on two devices, from the same numbers. */
final class DeviceWork {

    /** The network by whose step an optimizer's share is told. */
    static final String ENCODER = "encoder of MiniLM's shape, 8 x 32";

    private static final int STEPS = 3;
    private static final int TIMED = 10;
    private static final int RANK = 8;
    private static final int WORDS = 1000;

    /** The linear maps (out, in) of MiniLM, and how many there are of each shape. */
    private static final int[][] MAPS = {{384, 384, 24}, {1536, 384, 6}, {384, 1536, 6}};

    private DeviceWork() {}

    /** What a device computed, and the seconds of a step. */
    record Outcome(float[] values, double seconds) {}

    /** Something that is done on a device. */
    @FunctionalInterface
    interface Work {
        Outcome on(Device device);
    }

    /** Every kind of block: training steps of small networks of random weights. */
    static Map<String, Work> networks() {
        var networks = new LinkedHashMap<String, Work>();
        networks.put(ENCODER, device -> encoder((bert, words) -> bert.hidden(words, true), device));
        networks.put(
                "encoder: first token alone",
                device -> encoder((bert, words) -> bert.first(words, true), device));
        networks.put("encoder of pictures: first token alone", DeviceWork::patches);
        networks.put(
                "decoder: gated, RMS norm, rotary",
                device -> decoder(DecoderForms.gated(), device, model -> {}));
        networks.put(
                "decoder: plain, layer norm",
                device -> decoder(DecoderForms.plain(), device, model -> {}));
        for (var packing : List.of(Packing.BFLOAT16, Packing.Q8_0)) {
            networks.put(
                    "decoder: base in " + packing,
                    device -> decoder(DecoderForms.plain(), device, model -> pack(model, packing)));
        }
        networks.put("encoder and decoder: relative", DeviceWork::encoderDecoder);
        networks.put("convolutions, batch norm", DeviceWork::convolutions);
        return networks;
    }

    /** The factors after the steps of one optimizer; a rule that has no step there says so. */
    static Outcome steps(String method, Device device) {
        try (var manager = NDManager.newBaseManager(device);
                var optimizer = Optimizers.create(method)) {
            var random = new SplittableRandom(1);
            var stacks = new ArrayList<PairStack>();
            var gradients = new ArrayList<PairGradient>();
            for (var map : MAPS) {
                var a = new Shape(map[2], RANK, map[1]);
                var b = new Shape(map[2], map[0], RANK);
                var paths = new ArrayList<String>();
                for (int i = 0; i < map[2]; i++) {
                    paths.add("pair." + stacks.size() + "." + i);
                }
                var loraA = some(random, manager, a);
                stacks.add(new PairStack(paths, loraA, some(random, manager, b), 2));
                var gradA = some(random, manager, a);
                gradients.add(new PairGradient(gradA, some(random, manager, b)));
            }
            for (int step = 0; step < STEPS; step++) {
                optimizer.step(stacks, gradients, 1e-3);
            }
            var values = factors(stacks);
            long start = System.nanoTime();
            for (int step = 0; step < TIMED; step++) {
                optimizer.step(stacks, gradients, 1e-6);
            }
            stacks.get(0).loraB().sum().getFloat(); // the device has come to its end
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

    private static float[] factors(List<PairStack> stacks) {
        var numbers =
                stacks.stream()
                        .flatMap(stack -> Stream.of(stack.loraA(), stack.loraB()))
                        .map(NDArray::toFloatArray)
                        .toList();
        var all = FloatBuffer.allocate(numbers.stream().mapToInt(some -> some.length).sum());
        numbers.forEach(all::put);
        return all.array();
    }

    private static Outcome encoder(BiFunction<Bert, TokenBatch, NDArray> output, Device device) {
        var config = new BertConfig(WORDS, 64, 2, 384, 1536, 12, 6, 0, BertConfig.Variant.BERT);
        return trained(
                device,
                manager -> Bert.random(config, 1, manager),
                bert -> weighed(step -> output.apply(bert, words(step, 8, 32, 2))));
    }

    private static Outcome patches(Device device) {
        return trained(
                device,
                manager -> VitFamily.untrained(32, 8, 64, 2, 4, 1, manager),
                vit -> weighed(step -> vit.features(pictures(step), true)));
    }

    private static Outcome encoderDecoder(Device device) {
        var config = T5Config.ofSize(WORDS, 64, 2, 4);
        return trained(
                device,
                manager -> T5.random(config, 1, manager),
                t5 ->
                        weighed(
                                step ->
                                        t5.hidden(
                                                words(step, 4, 24, 2),
                                                words(step, 4, 12, 3),
                                                true)));
    }

    private static Outcome convolutions(Device device) {
        return trained(
                device,
                manager -> CifarResNet.random(1, 8, 1, manager),
                network -> weighed(step -> network.features(pictures(step), true)),
                LoraConfig.ofRank(RANK).withTargetModules("conv1", "conv2"));
    }

    private static NDArray pictures(NDManager step) {
        return some(new SplittableRandom(2), step, new Shape(4, 3, 32, 32));
    }

    private static Outcome decoder(Decoder.Form form, Device device, Consumer<Decoder> changed) {
        var samples = new ArrayList<Sample>();
        var random = new SplittableRandom(2);
        for (int row = 0; row < 8; row++) {
            var ids = random.ints(64, 0, form.vocabulary()).toArray();
            samples.add(new Sample(ids, ids.clone(), row + 1));
        }
        var lengths = samples.stream().mapToInt(Sample::length).toArray();
        var plan = BatchPlan.ofSize(lengths, samples.size(), 1);
        return trained(
                device,
                manager -> {
                    var model = Decoder.random(form, 1, manager);
                    changed.accept(model);
                    return model;
                },
                model -> new AnswerObjective(model, samples, 0, plan, false));
    }

    /** Has the maps' weights lie in few bits: rounded, or any numbers in blocks of 8 bits. */
    private static void pack(Decoder model, Packing packing) {
        var manager = model.manager();
        for (var linear : model.linears().values()) {
            var shape = linear.storedShape();
            var bytes =
                    packing == Packing.BFLOAT16
                            ? packing.of(linear.weight().stored(), manager)
                            : blocks(packing.packed(shape.get(0), shape.get(1)), manager);
            boolean isTable = linear.role() == AdaptableLinear.Role.TABLE;
            linear.hold(new PackedWeight(packing, bytes, isTable));
        }
    }

    /** Blocks of Q8_0: a scale of 2⁻¹² in float16, then 32 whole numbers. */
    private static NDArray blocks(Shape shape, NDManager manager) {
        var random = new SplittableRandom(4);
        var bytes = ByteBuffer.allocateDirect(Math.toIntExact(shape.size()));
        for (int i = 0; i < bytes.capacity(); i++) {
            int inBlock = i % 34;
            bytes.put((byte) (inBlock == 0 ? 0 : inBlock == 1 ? 0x0c : random.nextInt(256)));
        }
        try (var over = manager.create(bytes.flip(), shape, DataType.UINT8)) {
            return over.duplicate();
        }
    }

    private static TokenBatch words(NDManager step, int batch, int length, long seed) {
        var random = new SplittableRandom(seed);
        var texts = new ArrayList<Tokens>();
        for (int i = 0; i < batch; i++) {
            texts.add(new Tokens(random.ints(length, 0, WORDS).toArray(), new int[length]));
        }
        return TokenBatch.of(texts, step);
    }

    /** A loss that no normalisation at the end makes blind: the mean of outputs · fixed weights. */
    private static GraphObjective weighed(Function<NDManager, NDArray> output) {
        return new GraphObjective() {
            @Override
            public int batchesPerEpoch() {
                return STEPS;
            }

            @Override
            public BatchLoss loss(NDManager step, long epoch, int index, double share) {
                var out = output.apply(step);
                var weights = some(new SplittableRandom(3), step, out.getShape());
                return new BatchLoss(out.mul(weights).sum(), 1, 0);
            }
        };
    }

    /** The factors of a network's adapters after a few steps by AdamW. */
    private static <N extends Network> Outcome trained(
            Device device, Function<NDManager, N> made, Function<N, Objective> objective) {
        return trained(device, made, objective, LoraConfig.ofRank(RANK));
    }

    private static <N extends Network> Outcome trained(
            Device device,
            Function<NDManager, N> made,
            Function<N, Objective> objective,
            LoraConfig config) {
        try (var manager = NDManager.newBaseManager(device)) {
            var model = made.apply(manager);
            try (var adapters = AdapterSet.inject(model, config, 1);
                    var optimizer = Optimizers.create("adamw")) {
                // the same factors on both, whatever the engine draws there
                for (var pair : adapters.pairs()) {
                    var of = new SplittableRandom(pair.path().hashCode());
                    for (var factor : List.of(pair.loraA(), pair.loraB())) {
                        Arrays.assign(factor, some(of, manager, factor.getShape()));
                    }
                }
                var result =
                        new TrainingLoop(
                                        Trained.of(model, adapters, optimizer, Map.of()),
                                        objective.apply(model),
                                        Map::of,
                                        TrainingConfig.of(STEPS, 1e-3),
                                        1,
                                        List.of())
                                .run();
                var last = result.steps().get(result.steps().size() - 1);
                return new Outcome(factors(adapters.stacks()), last.seconds());
            }
        }
    }
}
