package org.lowrank.engine;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The programs of {@link Packing}: {@code into} makes numbers (n, columns) of rows of bytes p, the
 * rest is the same for all.
 */
final class PackingText {

    /** Numbers that are made at once: they stay in the processor's cache. */
    private static final int PIECE = 1 << 18;

    private static final Pattern OWN_METHOD = Pattern.compile("(def |\\(self\\)\\.)(\\w+)(?=\\()");

    static final String BFLOAT16 =
            """
            def into(self, p: Tensor, y: Tensor) -> None:
              x = torch.copy_(y, torch.view_copy(p, dtype=15))
            def packed(self, y: Tensor) -> Tensor:
              return torch.view_copy(torch.to(y, 15), dtype=0)
            """;

    static final String FLOAT16 =
            """
            def into(self, p: Tensor, y: Tensor) -> None:
              x = torch.copy_(y, torch.view_copy(p, dtype=5))
            def packed(self, y: Tensor) -> Tensor:
              return torch.view_copy(torch.to(y, 5), dtype=0)
            """;

    /** Bytes from a to b of blocks (n, blocks, bytes), as float16, in float32. */
    private static final String HALF =
            """
            def half(self, b: Tensor, a: int) -> Tensor:
              bits = torch.contiguous(torch.slice(b, 2, a, torch.add(a, 2)))
              return torch.to(torch.view_copy(bits, dtype=5), 6)
            """;

    static final String Q8_0 =
            """
            def into(self, p: Tensor, y: Tensor) -> None:
              b = torch.view(p, [torch.size(p, 0), -1, 34])
              t = torch.view(y, [torch.size(p, 0), -1, 32])
              x = torch.copy_(t, torch.view_copy(torch.slice(b, 2, 2, 34), dtype=1))
              x = torch.mul_(t, (self).half(b, 0, ))
            """
                    + HALF;

    private static final String NIBBLES =
            """
            def nibbles(self, q: Tensor, t: Tensor) -> None:
              x = torch.copy_(torch.slice(t, 2, 0, 16), torch.bitwise_and(q, 15))
              x = torch.copy_(torch.slice(t, 2, 16, 32), torch.bitwise_right_shift(q, 4))
            """
                    + HALF;

    static final String Q4_0 =
            """
            def into(self, p: Tensor, y: Tensor) -> None:
              b = torch.view(p, [torch.size(p, 0), -1, 18])
              t = torch.view(y, [torch.size(p, 0), -1, 32])
              x = (self).nibbles(torch.slice(b, 2, 2, 18), t, )
              y = torch.mul_(torch.sub_(t, 8), (self).half(b, 0, ))
            """
                    + NIBBLES;

    static final String Q4_1 =
            """
            def into(self, p: Tensor, y: Tensor) -> None:
              b = torch.view(p, [torch.size(p, 0), -1, 20])
              t = torch.view(y, [torch.size(p, 0), -1, 32])
              x = (self).nibbles(torch.slice(b, 2, 4, 20), t, )
              y = torch.add_(torch.mul_(t, (self).half(b, 0, )), (self).half(b, 2, ))
            """
                    + NIBBLES;

    static final String Q5_0 =
            """
            def into(self, p: Tensor, y: Tensor) -> None:
              b = torch.view(p, [torch.size(p, 0), -1, 22])
              t = torch.view(y, [torch.size(p, 0), -1, 32])
              x = (self).nibbles(torch.slice(b, 2, 6, 22), t, )
              bits = torch.view_copy(torch.contiguous(torch.slice(b, 2, 2, 6)), dtype=3)
              place = torch.arange(32, dtype=3, layout=None, device=ops.prim.device(p))
              fifth = torch.bitwise_and(torch.bitwise_right_shift(bits, place), 1)
              y = torch.sub_(torch.add_(t, fifth, alpha=16), 16)
              z = torch.mul_(t, (self).half(b, 0, ))
            """
                    + NIBBLES;

    /** Scales and minima of 6 bits in 12 bytes; the nibbles of 64 numbers in 32 bytes. */
    static final String Q4_K =
            """
            def into(self, p: Tensor, y: Tensor) -> None:
              n = torch.size(p, 0)
              b = torch.view(p, [n, -1, 144])
              t = torch.view(y, [n, -1, 4, 2, 32])
              q = torch.unflatten(torch.slice(b, 2, 16, 144), 2, [4, 32])
              x = torch.copy_(torch.select(t, 3, 0), torch.bitwise_and(q, 15))
              x = torch.copy_(torch.select(t, 3, 1), torch.bitwise_right_shift(q, 4))
              s = torch.slice(b, 2, 4, 8)
              m = torch.slice(b, 2, 8, 12)
              r = torch.slice(b, 2, 12, 16)
              s4 = torch.bitwise_and(torch.bitwise_right_shift(s, 2), 48)
              m4 = torch.bitwise_and(torch.bitwise_right_shift(m, 2), 48)
              s8 = torch.cat([torch.bitwise_and(s, 63), torch.bitwise_or(torch.bitwise_and(r, 15), s4)], 2)
              m8 = torch.cat([torch.bitwise_and(m, 63), torch.bitwise_or(torch.bitwise_right_shift(r, 4), m4)], 2)
              scale = torch.mul(torch.to(s8, 6), (self).half(b, 0, ))
              least = torch.mul(torch.to(m8, 6), (self).half(b, 2, ))
              z = torch.view(y, [n, -1, 8, 32])
              x = torch.sub_(torch.mul_(z, torch.unsqueeze(scale, 3)), torch.unsqueeze(least, 3))
            """
                    + HALF;

    /** Low nibbles, two high bits, 16 signed scales, d at the end. */
    static final String Q6_K =
            """
            def into(self, p: Tensor, y: Tensor) -> None:
              n = torch.size(p, 0)
              b = torch.view(p, [n, -1, 210])
              t = torch.view(y, [n, -1, 2, 4, 32])
              low = torch.unflatten(torch.slice(b, 2, 0, 128), 2, [2, 2, 32])
              x = torch.copy_(torch.slice(t, 3, 0, 2), torch.bitwise_and(low, 15))
              x = torch.copy_(torch.slice(t, 3, 2, 4), torch.bitwise_right_shift(low, 4))
              h = torch.unflatten(torch.slice(b, 2, 128, 192), 2, [2, 32])
              for i in range(4):
                high = torch.bitwise_and(torch.bitwise_right_shift(h, torch.mul(2, i)), 3)
                x = torch.add_(torch.select(t, 3, i), high, alpha=16)
              x = torch.sub_(t, 32)
              s = torch.view_copy(torch.slice(b, 2, 192, 208), dtype=1)
              scale = torch.mul(torch.to(s, 6), (self).half(b, 208, ))
              z = torch.view(y, [n, -1, 16, 16])
              x = torch.mul_(z, torch.unsqueeze(scale, 3))
            """
                    + HALF;

    /** Numbers of rows of bytes, and the pieces in which a matrix is taken. */
    private static final String UNPACKING =
            """
            def columns(self, w: Tensor) -> int:
              return torch.mul(torch.floordiv(torch.size(w, 1), BYTES), ELEMENTS)
            def dense(self, w: Tensor) -> Tensor:
              n = torch.size(w, 0)
              columns = (self).columns(w, )
              y = torch.new_empty(w, [n, columns], dtype=6)
              step = torch.add(torch.floordiv(PIECE, columns), 1)
              for i in range(torch.floordiv(torch.sub(torch.add(n, step), 1), step)):
                a = torch.mul(i, step)
                b = torch.add(a, step)
                x = (self).into(torch.slice(w, 0, a, b), torch.slice(y, 0, a, b), )
              return y
            def pieces(self, w: Tensor) -> List[Tensor]:
              return torch.split(w, torch.add(torch.floordiv(AT_ONCE, (self).columns(w, )), 1))
            """;

    private static final String PRODUCTS =
            """
            def product(self, x: Tensor, w: Tensor) -> Tensor:
              pieces = (self).pieces(w, )
              if torch.eq(torch.len(pieces), 1):
                y = torch.linear(x, (self).dense(w, ))
              else:
                y = torch.new_empty(x, torch.add(torch.slice(torch.size(x), 0, -1), [torch.size(w, 0)]))
                a = 0
                for piece in pieces:
                  b = torch.add(a, torch.size(piece, 0))
                  z = torch.copy_(torch.slice(y, -1, a, b), torch.linear(x, (self).dense(piece, )))
                  a = b
              return y
            def biased(self, x: Tensor, w: Tensor, bias: Tensor) -> Tensor:
              pieces = (self).pieces(w, )
              if torch.gt(torch.len(pieces), 1):
                y = torch.add_((self).product(x, w, ), bias)
              else:
                y = torch.linear(x, (self).dense(w, ), bias)
              return y
            def back(self, g: Tensor, w: Tensor) -> Tensor:
              pieces = (self).pieces(w, )
              a = torch.size(pieces[0], 0)
              y = torch.matmul(torch.slice(g, -1, 0, a), (self).dense(pieces[0], ))
              for i in range(torch.sub(torch.len(pieces), 1)):
                piece = pieces[torch.add(i, 1)]
                b = torch.add(a, torch.size(piece, 0))
                y = torch.add_(y, torch.matmul(torch.slice(g, -1, a, b), (self).dense(piece, )))
                a = b
              return y
            def rows(self, ids: Tensor, w: Tensor) -> Tensor:
              chosen = (self).dense(torch.index_select(w, 0, torch.flatten(ids)), )
              shape = torch.add(torch.size(ids), [torch.size(chosen, 1)])
              return torch.view(chosen, shape)
            """;

    private PackingText() {}

    static String methods(String own, Packing packing) {
        return unpacking(own, packing) + PRODUCTS;
    }

    private static String unpacking(String own, Packing packing) {
        return own
                + UNPACKING
                        .replace("BYTES", number(packing.blockBytes()))
                        .replace("ELEMENTS", number(packing.blockElements()))
                        .replace("PIECE", number(PIECE))
                        .replace("AT_ONCE", number(Packing.AT_ONCE));
    }

    /**
     * {@code self.unpacked(w, kind)} in float32, and {@code self.parts(w, kind)}, the pieces in
     * which it is to be unpacked; w itself for another kind.
     *
     * @param texts of the packings that there are
     */
    static String ofKinds(Map<Packing, String> texts) {
        var all = new StringBuilder();
        var unpacked = new StringBuilder("def unpacked(self, w: Tensor, kind: int) -> Tensor:\n");
        var parts = new StringBuilder("def parts(self, w: Tensor, kind: int) -> List[Tensor]:\n");
        unpacked.append("  y = w\n");
        parts.append("  y = [w]\n");
        texts.forEach(
                (packing, own) -> {
                    var suffix = "_" + packing.name();
                    var methods = OWN_METHOD.matcher(unpacking(own, packing));
                    all.append(methods.replaceAll("$1$2" + suffix));
                    var kind = number(FrozenProduct.kind(packing));
                    var chosen = "  if kind == " + kind + ":\n    y = self.";
                    unpacked.append(chosen).append("dense" + suffix + "(w)\n");
                    parts.append(chosen).append("pieces" + suffix + "(w)\n");
                });
        return all + "" + unpacked + "  return y\n" + parts + "  return y\n";
    }

    private static String number(int value) {
        return String.format(Locale.ROOT, "%d", value);
    }
}
