package org.lowrank.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How the numbers of a matrix lie in an array of bytes (rows, bytes of a row): in 16 bits, or in
 * the blocks of GGUF as they lie in the file. The engine's own arrays of bfloat16 abort Java's
 * process, so that bytes are all that Java sees.
 *
 * <p>It is computed with by making float32 numbers of a matrix when they are needed, and freeing
 * them: the products are PyTorch's in float32, equal to those with a matrix that holds these
 * numbers to the bit as long as it has at most 2²³ of them; a larger one is taken in pieces of so
 * many. The arithmetic of blocks is that of the readers of files, every operation rounded by
 * itself.
 */
public enum Packing {
    BFLOAT16(1, 2, PackingText.BFLOAT16),
    FLOAT16(1, 2, PackingText.FLOAT16),
    Q4_0(32, 18, PackingText.Q4_0),
    Q4_1(32, 20, PackingText.Q4_1),
    Q5_0(32, 22, PackingText.Q5_0),
    Q8_0(32, 34, PackingText.Q8_0),
    Q4_K(256, 144, PackingText.Q4_K),
    Q6_K(256, 210, PackingText.Q6_K);

    /** Numbers of a matrix that there are at once. */
    public static final int AT_ONCE = 1 << 23;

    private static final Map<Packing, TorchProgram> PROGRAMS = new ConcurrentHashMap<>();

    private final int blockElements;
    private final int blockBytes;
    private final String text;

    Packing(int blockElements, int blockBytes, String text) {
        this.blockElements = blockElements;
        this.blockBytes = blockBytes;
        this.text = text;
    }

    /** Numbers that a row has. */
    public long columns(NDArray packed) {
        return packed.getShape().get(1) / blockBytes * blockElements;
    }

    /** The array of a matrix. */
    public Shape packed(long rows, long columns) {
        return new Shape(rows, columns / blockElements * blockBytes);
    }

    /** Bytes of a number. */
    public double bytes() {
        return (double) blockBytes / blockElements;
    }

    /** The numbers (rows, columns) in float32, no part of a graph. */
    public NDArray dense(NDArray packed, NDManager owner) {
        return NoGraph.of(
                () -> {
                    var dense = program().recorded("dense", packed).singletonOrThrow();
                    dense.attach(owner);
                    return dense;
                });
    }

    /**
     * x Wᵀ + b, no part of a graph.
     *
     * @param x (..., columns), float32
     * @param bias (rows), or null
     * @return (..., rows), attached to the manager of x
     */
    public NDArray product(NDArray x, NDArray packed, NDArray bias) {
        return NoGraph.of(
                () ->
                        bias == null
                                ? program().recorded("product", x, packed).singletonOrThrow()
                                : program().recorded("biased", x, packed, bias).singletonOrThrow());
    }

    /** g W, the gradient of {@link #product} by x. */
    public NDArray back(NDArray g, NDArray packed) {
        return NoGraph.of(() -> program().recorded("back", g, packed).singletonOrThrow());
    }

    /**
     * Some rows.
     *
     * @param ids (...), int64
     * @return (..., columns), attached to the manager of the ids
     */
    public NDArray rows(NDArray ids, NDArray packed) {
        return NoGraph.of(() -> program().recorded("rows", ids, packed).singletonOrThrow());
    }

    /**
     * Numbers in 16 bits, rounded to the nearest.
     *
     * @param values (rows, columns), float32
     */
    public NDArray of(NDArray values, NDManager owner) {
        if (blockElements > 1) {
            throw new UnsupportedOperationException(
                    "numbers are not put into blocks of "
                            + this
                            + "; bfloat16 and float16 take any");
        }
        return NoGraph.of(
                () -> {
                    var packed = program().recorded("packed", values).singletonOrThrow();
                    packed.attach(owner);
                    return packed;
                });
    }

    private TorchProgram program() {
        return PROGRAMS.computeIfAbsent(
                this, packing -> TorchProgram.of(PackingText.methods(packing.text, this)));
    }

    /** The methods of {@link FrozenProduct} that make numbers of weights in these ways. */
    static String methods(Set<Packing> packings) {
        var texts = new EnumMap<Packing, String>(Packing.class);
        packings.forEach(packing -> texts.put(packing, packing.text));
        return PackingText.ofKinds(texts);
    }

    int blockElements() {
        return blockElements;
    }

    int blockBytes() {
        return blockBytes;
    }

    /** The value of this name in a run's configuration. */
    @Override
    public String toString() {
        return blockElements == 1 ? name().toLowerCase(Locale.ROOT) : name();
    }
}
