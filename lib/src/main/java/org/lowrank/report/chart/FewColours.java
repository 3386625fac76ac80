package org.lowrank.report.chart;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A chart in at most 256 colours, a byte a dot: a third of the file's size, and to the eye the
 * same, since a chart has few colours and the rest are the shades at the edges of its lines.
 *
 * <p>The palette has the colours that cover the most dots, each at least {@link #APART} from those
 * before it. A dot takes the nearest.
 */
final class FewColours {

    private static final int MOST = 256;

    /** Squared distance, of four channels of 8 bits, that the eye does not see. */
    private static final int APART = 3 * 8 * 8;

    private FewColours() {}

    static BufferedImage of(BufferedImage picture) {
        int width = picture.getWidth();
        int height = picture.getHeight();
        var dots = picture.getRGB(0, 0, width, height, null, 0, width);
        var palette = palette(dots);
        var known = new HashMap<Integer, Integer>();
        for (int i = 0; i < palette.length; i++) {
            known.put(palette[i], i);
        }
        var indexed =
                new BufferedImage(width, height, BufferedImage.TYPE_BYTE_INDEXED, model(palette));
        var indices = new int[dots.length];
        for (int i = 0; i < dots.length; i++) {
            indices[i] =
                    i > 0 && dots[i] == dots[i - 1]
                            ? indices[i - 1]
                            : known.computeIfAbsent(dots[i], dot -> nearest(palette, dot));
        }
        indexed.getRaster().setPixels(0, 0, width, height, indices);
        return indexed;
    }

    private static int[] palette(int... dots) {
        var counts = new HashMap<Integer, Integer>();
        for (int from = 0; from < dots.length; ) {
            int to = from + 1;
            while (to < dots.length && dots[to] == dots[from]) {
                to++;
            }
            counts.merge(dots[from], to - from, Integer::sum);
            from = to;
        }
        // by frequency, then by value: the same chart has the same bytes
        var colours =
                counts.entrySet().stream()
                        .sorted(
                                Comparator.comparing(Map.Entry<Integer, Integer>::getValue)
                                        .reversed()
                                        .thenComparing(Map.Entry::getKey))
                        .map(Map.Entry::getKey)
                        .toList();
        var chosen = new ArrayList<Integer>();
        for (int colour : colours) {
            if (chosen.size() < MOST && isApart(chosen, colour)) {
                chosen.add(colour);
            }
        }
        return chosen.stream().mapToInt(Integer::intValue).toArray();
    }

    private static boolean isApart(List<Integer> chosen, int colour) {
        return chosen.stream().allMatch(other -> distance(other, colour) >= APART);
    }

    private static int nearest(int[] palette, int dot) {
        int best = 0;
        for (int i = 1; i < palette.length; i++) {
            if (distance(palette[i], dot) < distance(palette[best], dot)) {
                best = i;
            }
        }
        return best;
    }

    /** Of opacity, and of colours as far as they are seen. */
    private static int distance(int one, int two) {
        int opacity = one >>> 24;
        int other = two >>> 24;
        int sum = (opacity - other) * (opacity - other);
        for (int shift = 0; shift < 24; shift += 8) {
            int channel = (one >> shift & 0xFF) * opacity - (two >> shift & 0xFF) * other;
            sum += channel / 255 * (channel / 255);
        }
        return sum;
    }

    private static IndexColorModel model(int... palette) {
        return new IndexColorModel(8, palette.length, palette, 0, true, -1, DataBuffer.TYPE_BYTE);
    }
}
