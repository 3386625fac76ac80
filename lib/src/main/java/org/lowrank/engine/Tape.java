package org.lowrank.engine;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * What is recorded for a backward pass: the engine's graph, cut where a function has a gradient of
 * its own ({@link #function}), which the engine has no way to be told. Each cut ends one graph and
 * begins the next at a leaf; backward goes through them in the reverse order, and hands on the
 * gradient of each leaf by the rule of its cut. Without cuts it is the engine's own backward pass.
 *
 * <p>What stands before a cut and is read a second time behind it is passed through once more for
 * each reader: right, but slow. {@link #cut} makes such a place a cut of its own.
 */
public final class Tape implements AutoCloseable {

    private static final ThreadLocal<Tape> CURRENT = new ThreadLocal<>();

    /**
     * @param before the end of the graph before the cut, null where nothing is differentiated
     * @param leaf the beginning of the one after it
     * @param rule from the gradient of the leaf to that of {@code before}
     * @param own what the rule reads, null for nothing
     */
    private record Cut(NDArray before, NDArray leaf, UnaryOperator<NDArray> rule, NDManager own) {}

    /** A part of a network with a backward pass of its own, which may have trained arrays. */
    public interface Stage {

        /**
         * @param kept owns what {@link #back} reads; it is closed after that
         * @return the stage's output, no part of a graph, attached to the manager of the input
         */
        NDArray forward(NDManager kept);

        /**
         * Adds to the gradients of the trained arrays.
         *
         * @param gradient of the output
         * @param wanted whether the gradient of the input is
         * @return the gradient of the input; null if it is not wanted
         */
        NDArray back(NDArray gradient, boolean wanted);
    }

    private final Tape outer;
    private final GradientCollector collector;
    private final NDManager kept;
    private final Deque<Cut> cuts = new ArrayDeque<>();
    private final Map<NDArray, NDArray> behind = new IdentityHashMap<>();
    private final Set<NDArray> beginnings = Collections.newSetFromMap(new IdentityHashMap<>());

    private Tape() {
        outer = CURRENT.get();
        collector = Engine.getInstance().newGradientCollector();
        kept = NDManager.newBaseManager();
        kept.setName("tape");
        CURRENT.set(this);
    }

    /** Begins to record what this thread computes, until it is closed. */
    public static Tape recording() {
        return new Tape();
    }

    /**
     * A function that is no part of the engine's graph.
     *
     * @param x what it is differentiated by
     * @param value f(x), an array of its own, no part of a graph
     * @param rule from the gradient by f(x) to that by x
     * @return f(x), attached to the manager of x
     * @throws IllegalStateException if a graph is recorded that is not a tape's: its gradients
     *     would lack what passes here
     */
    public static NDArray function(NDArray x, NDArray value, UnaryOperator<NDArray> rule) {
        if (!isDifferentiated(x)) {
            return value;
        }
        // only the gradient of the leaf is wanted: it takes no memory, and the value stays free
        return value.addi(required().leaf("zero", x, value, rule, null));
    }

    /** Whether what this thread computes is recorded on a tape, which can take a {@link Stage}. */
    public static boolean isRecording() {
        return CURRENT.get() != null && Arrays.graphIsRecorded();
    }

    /**
     * A part of a network that is no part of the engine's graph.
     *
     * @param x what it reads
     * @param trains whether it has trained arrays, so that it is passed in the backward pass though
     *     x is not differentiated
     * @return its output, attached to the manager of x
     */
    public static NDArray through(NDArray x, boolean trains, Stage stage) {
        var tape = required();
        boolean wanted = isDifferentiated(x);
        var own = tape.kept.newSubManager();
        var value = stage.forward(own);
        if (!wanted && !trains) {
            own.close();
            return value;
        }
        boolean next = tape.beginnings.contains(x);
        UnaryOperator<NDArray> rule = g -> handedOn(stage.back(g, wanted), next);
        try (value) {
            var leaf = tape.leaf("begin", wanted ? x : null, value, rule, own);
            var output = same(leaf, x.getManager());
            tape.beginnings.add(output);
            return output;
        }
    }

    /**
     * A graph may add to a gradient in place, which an array of {@link TorchProgram#run} refuses;
     * what goes straight to the leaf of the stage before is only read.
     */
    private static NDArray handedOn(NDArray gradient, boolean toStage) {
        if (gradient == null || toStage) {
            return gradient;
        }
        try (gradient) {
            return gradient.duplicate();
        }
    }

    /**
     * The same array, before and behind which gradients are passed on apart; once made, it is the
     * same for all who ask. Worth it where {@link #function}s are, and several read x.
     */
    public static NDArray cut(NDArray x) {
        if (!isDifferentiated(x)) {
            return x;
        }
        var tape = required();
        if (tape.beginnings.contains(x)) {
            return x;
        }
        var known = tape.behind.get(x);
        if (known == null) {
            var leaf = tape.leaf("begin", x, x, gradient -> gradient, null);
            known = same(leaf, x.getManager());
            tape.beginnings.add(known);
            tape.behind.put(x, known);
        }
        return known;
    }

    /**
     * The engine's {@code hasGradient} says no of what is computed from a leaf. The answer is a
     * shape, for which nobody waits for the device.
     */
    private static boolean isDifferentiated(NDArray x) {
        if (!Arrays.graphIsRecorded()) {
            return false;
        }
        try (var says = Programs.PROGRAM.run(x.getManager(), "differentiated", x).get(0)) {
            return says.getShape().get(0) == 1;
        }
    }

    /**
     * Compiled when it is first asked for. Leaves are made here, as the engine's own way gives each
     * a gradient of zeros at once.
     */
    private static final class Programs {
        static final TorchProgram PROGRAM =
                TorchProgram.of(
                        """
                        def differentiated(self, x: Tensor) -> Tensor:
                          return torch.empty([int(ops.prim.requires_grad(x))])
                        def zero(self, x: Tensor) -> Tensor:
                          z = torch.expand(torch.new_zeros(x, [1]), torch.size(x))
                          return torch.requires_grad_(z, True)
                        def begin(self, x: Tensor) -> Tensor:
                          return torch.requires_grad_(torch.detach(x), True)
                        """);
    }

    private static Tape required() {
        var tape = CURRENT.get();
        if (tape == null) {
            throw new IllegalStateException(
                    "a weight of few bits is differentiated by the library's own rule, which the"
                            + " engine's gradient collector does not know: record with"
                            + " Tape.recording() in its place, and call its backward");
        }
        return tape;
    }

    private NDArray leaf(
            String kind, NDArray x, NDArray like, UnaryOperator<NDArray> rule, NDManager own) {
        var leaf = NoGraph.of(() -> Programs.PROGRAM.recorded(kind, like).singletonOrThrow());
        leaf.attach(kept);
        cuts.add(new Cut(x == null ? null : same(x, kept), leaf, rule, own));
        return leaf;
    }

    /** A handle of its own, in the same graph. */
    private static NDArray same(NDArray x, NDManager owner) {
        var view = x.reshape(x.getShape());
        view.attach(owner);
        return view;
    }

    /** Adds the gradients of a scalar to all leaves that it depends on. */
    public void backward(NDArray loss) {
        if (cuts.isEmpty()) {
            collector.backward(loss);
            return;
        }
        try (var one = loss.onesLike()) {
            differentiate(loss, one);
        }
        while (!cuts.isEmpty()) {
            var cut = cuts.removeLast();
            try (var before = cut.before();
                    var leaf = cut.leaf();
                    var behindIt = leaf.getGradient();
                    var gradient = cut.rule().apply(behindIt)) {
                if (before != null) {
                    differentiate(before, gradient);
                }
            }
            if (cut.own() != null) {
                cut.own().close();
            }
        }
    }

    /**
     * The array in which a leaf collects its gradient, for a {@link Stage} to add to. The engine
     * has none before the first backward pass, and then gives zeros that nobody else sees.
     */
    public static NDArray collected(NDArray leaf) {
        var array = (PtNDArray) leaf;
        var gradient = JniUtils.getGradient(array);
        if (gradient == null) {
            try (var nothing = leaf.zerosLike()) {
                differentiate(leaf, nothing);
            }
            gradient = JniUtils.getGradient(array);
        }
        return gradient;
    }

    /** Keeps what a second pass through the same places would need. */
    private static void differentiate(NDArray y, NDArray gradient) {
        JniUtils.backward((PtNDArray) y, (PtNDArray) gradient, true, false);
    }

    @Override
    public void close() {
        CURRENT.set(outer);
        collector.close();
        kept.close();
    }
}
