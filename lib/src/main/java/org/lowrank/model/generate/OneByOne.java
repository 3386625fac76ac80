package org.lowrank.model.generate;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.lowrank.engine.TorchProgram;
import org.lowrank.model.block.Autoregressive;

/**
 * One token after the other, the most probable one or a drawn one; texts that end leave the batch.
 */
final class OneByOne {

    private final TokenDraw draw;
    private final List<SplittableRandom> randoms;

    /**
     * @param randoms one a text; not used if the most probable token is taken
     */
    OneByOne(Generation how, List<SplittableRandom> randoms) {
        draw = how.temperature() > 0 ? new TokenDraw(how) : null;
        this.randoms = randoms;
    }

    void write(Autoregressive model, List<int[]> prompts, int padId, List<Draft> drafts) {
        var rows = IntStream.range(0, prompts.size()).toArray();
        try (var texts = new Continuation(model, prompts, padId)) {
            while (!Thread.currentThread().isInterrupted()) {
                var next = next(model, texts, rows);
                var all = rows;
                var kept =
                        IntStream.range(0, rows.length)
                                .filter(row -> drafts.get(all[row]).add(next[row]))
                                .toArray();
                if (kept.length == 0) {
                    return;
                }
                if (kept.length < rows.length) {
                    texts.keep(kept);
                }
                rows = picked(rows, kept);
                texts.append(picked(next, kept));
            }
        }
    }

    private int[] next(Autoregressive model, Continuation texts, int... rows) {
        try (var step = model.manager().newSubManager()) {
            var logits = texts.next(step);
            return draw == null ? best(logits) : drawn(logits, rows);
        }
    }

    private static int[] best(NDArray logits) {
        var best = Programs.LARGEST.run(logits.getManager(), "largest", logits);
        for (float value : best.get(0).toFloatArray()) {
            Written.requireFinite(value);
        }
        return Arrays.stream(best.get(1).toLongArray()).mapToInt(Math::toIntExact).toArray();
    }

    /** Loaded when first asked for. */
    private static final class Programs {
        /** The largest value of each row and its first place, in one pass. */
        static final TorchProgram LARGEST =
                TorchProgram.of(
                        """
                        def largest(self, x: Tensor) -> Tuple[Tensor, Tensor]:
                          values, places = torch.max(x, 1)
                          return (values, places)
                        """);
    }

    private int[] drawn(NDArray logits, int... rows) {
        var all = logits.toFloatArray();
        int width = all.length / rows.length;
        var drawn = new int[rows.length];
        for (int i = 0; i < rows.length; i++) {
            var own = Arrays.copyOfRange(all, i * width, (i + 1) * width);
            drawn[i] = draw.draw(own, randoms.get(rows[i]));
        }
        return drawn;
    }

    private static int[] picked(int[] values, int... places) {
        return Arrays.stream(places).map(place -> values[place]).toArray();
    }
}
