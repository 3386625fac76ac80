package org.lowrank.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A program that multiplies by weights that nobody trains, outside every graph. Its text may call
 *
 * <ul>
 *   <li>{@code self.product(x, w, b, to, threads)}, x wᵀ + b + to with b and to optional: oneDNN
 *       makes the sums in the same pass, and on some processors it is an eighth faster than the
 *       library behind PyTorch's {@code linear};
 *   <li>{@code self.unpacked(w, kind)}, the float32 numbers of a weight that lies in a {@link
 *       Packing}, or w itself where it lies as its numbers;
 *   <li>{@code self.through(x, w, kind, b, to, threads)} and {@code self.back_through(g, w, kind,
 *       to)}, x wᵀ + b + to and g w + to, where at most {@link Packing#AT_ONCE} numbers of w are
 *       made at once: equal to the products with the numbers to the bit if w has no more.
 * </ul>
 *
 * It is compiled for the packings that come: PyTorch copies a method into each place that calls it.
 */
public final class FrozenProduct {

    private static final String PRODUCT =
            """
            def product(self, x: Tensor, w: Tensor, b: Optional[Tensor], to: Optional[Tensor], threads: int) -> Tensor:
              # on several threads oneDNN is behind where it has to turn wide rows of w, which it does on one
              if x.is_cuda or (threads > 1 and w.is_contiguous() and w.size(1) > 2 * w.size(0)):
                y = torch.linear(x, w, b)
                if to is not None:
                  y.add_(to)
              elif to is not None:
                y = ops.mkldnn._linear_pointwise(x, to, w, b, "add")
              else:
                y = ops.mkldnn._linear_pointwise(x, w, b, "none", annotate(List[Optional[number]], []), "")
              return y

            """;

    private static final String IN_PIECES =
            """
            def through(self, x: Tensor, w: Tensor, kind: int, b: Optional[Tensor], to: Optional[Tensor],
                threads: int) -> Tensor:
              parts = self.parts(w, kind)
              if len(parts) == 1:
                return self.product(x, self.unpacked(w, kind), b, to, threads)
              y = torch.new_empty(x, [x.size(0), w.size(0)])
              at = 0
              for part in parts:
                y.narrow(1, at, part.size(0)).copy_(self.product(x, self.unpacked(part, kind), None, None, threads))
                at = at + part.size(0)
              if b is not None:
                y.add_(b)
              if to is not None:
                y.add_(to)
              return y

            def back_through(self, g: Tensor, w: Tensor, kind: int, to: Optional[Tensor]) -> Tensor:
              parts = self.parts(w, kind)
              if len(parts) == 1:
                return self.product(g, self.unpacked(w, kind).t(), None, to, 1)
              at = parts[0].size(0)
              sum = self.product(g.narrow(1, 0, at).contiguous(), self.unpacked(parts[0], kind).t(), None, to, 1)
              for i in range(1, len(parts)):
                some = g.narrow(1, at, parts[i].size(0)).contiguous()
                sum = self.product(some, self.unpacked(parts[i], kind).t(), None, sum, 1)
                at = at + parts[i].size(0)
              return sum

            """;

    private final String methods;
    private final Map<Set<Packing>, TorchProgram> programs = new ConcurrentHashMap<>();

    /**
     * @param methods as {@link TorchProgram#of} takes them
     */
    public FrozenProduct(String methods) {
        this.methods = methods;
    }

    /**
     * The program whose methods are a file of the class's folder.
     *
     * @throws UncheckedIOException if the file cannot be read
     */
    public static FrozenProduct beside(Class<?> of, String file) {
        try (var in = of.getResourceAsStream(file)) {
            return new FrozenProduct(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the text calls the way in which a weight lies; null stands for its numbers. */
    public static int kind(Packing packing) {
        return packing == null ? 0 : packing.ordinal() + 1;
    }

    /**
     * The program, compiled when it is first asked for.
     *
     * @param packings of the weights that it is given; null for one that lies as its numbers
     */
    public TorchProgram of(Collection<Packing> packings) {
        var these = EnumSet.noneOf(Packing.class);
        packings.stream().filter(Objects::nonNull).forEach(these::add);
        return programs.computeIfAbsent(these, this::compiled);
    }

    private TorchProgram compiled(Set<Packing> packings) {
        var rest = Packing.methods(packings) + IN_PIECES + methods;
        try {
            return TorchProgram.of(PRODUCT + rest);
        } catch (IllegalArgumentException e) {
            if (!e.getMessage().contains("Unknown builtin op: mkldnn")) {
                throw e;
            }
            return TorchProgram.of(withoutOneDnn() + rest); // a build for another processor
        }
    }

    /** The same by PyTorch's own product. */
    static String withoutOneDnn() {
        return PRODUCT.replaceAll("if x\\.is_cuda.*:", "if True:")
                .replaceAll("ops\\.mkldnn\\._linear_pointwise\\(.*\\)", "torch.linear(x, w, b)");
    }

    /** For the test of both. */
    static String product() {
        return PRODUCT;
    }
}
