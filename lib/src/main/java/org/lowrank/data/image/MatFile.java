package org.lowrank.data.image;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.zip.InflaterInputStream;
import org.lowrank.data.DataFormatException;
import org.lowrank.engine.Checksums;

/**
 * Numeric arrays of a file of MATLAB (level 5), packed or not, as SVHN has them: {@code X} (32, 32,
 * 3, n), bytes, the first axis fastest, and {@code y} (n, 1), digits of which 10 means 0.
 */
final class MatFile {

    private static final int HEADER = 128;
    private static final int PACKED = 15;
    private static final int MATRIX = 14;

    /** Bytes of an element by the code of its type. */
    private static final Map<Integer, Integer> WIDTHS =
            Map.of(1, 1, 2, 1, 3, 2, 4, 2, 5, 4, 6, 4, 7, 4, 9, 8);

    /** An array as it lies. */
    private record Numbers(int[] lengths, int type, ByteBuffer values) {

        int at(int index) {
            return switch (type) {
                case 1, 2 -> values.get(index) & 0xff;
                case 3, 4 -> values.getShort(2 * index) & 0xffff;
                case 5, 6 -> values.getInt(4 * index);
                case 7 -> (int) values.getFloat(4 * index);
                default -> (int) values.getDouble(8 * index);
            };
        }
    }

    private final Map<String, Numbers> arrays = new HashMap<>();

    private MatFile(Path file) throws IOException {
        var bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.limit() < HEADER || bytes.get(HEADER - 2) != 'I') {
            throw new DataFormatException(
                    file.toString(), "is no file of MATLAB's level 5 in little-endian order");
        }
        bytes.position(HEADER);
        try {
            read(bytes);
        } catch (BufferUnderflowException | IllegalArgumentException | IOException e) {
            throw new DataFormatException(file.toString(), "breaks off: fetch it again");
        }
    }

    /** Elements up to the end: a type, a length, the content padded to eight bytes. */
    private void read(ByteBuffer in) throws IOException {
        while (in.remaining() >= 8) {
            int type = in.getInt();
            var content = content(in, in.getInt());
            if (type == PACKED) {
                var packed = new byte[content.remaining()];
                content.get(packed);
                try (var whole = new InflaterInputStream(new ByteArrayInputStream(packed))) {
                    read(ByteBuffer.wrap(whole.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN));
                }
            } else if (type == MATRIX) {
                matrix(content);
                in.position(Math.min(in.limit(), (in.position() + 7) / 8 * 8));
            }
        }
    }

    private void matrix(ByteBuffer in) {
        element(in); // flags
        var axes = element(in);
        var lengths = new int[axes.values().remaining() / 4];
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = axes.values().getInt(4 * i);
        }
        var name = element(in).values();
        var letters = new byte[name.remaining()];
        name.get(letters);
        var numbers = element(in);
        if (WIDTHS.containsKey(numbers.type())) {
            arrays.put(
                    new String(letters, StandardCharsets.US_ASCII),
                    new Numbers(lengths, numbers.type(), numbers.values()));
        }
    }

    /** One part of a matrix; a short one has its length in the upper half of its type. */
    private static Numbers element(ByteBuffer in) {
        int type = in.getInt();
        if (type >>> 16 != 0) {
            var content = content(in, type >>> 16);
            in.position(in.position() + 4 - (type >>> 16));
            return new Numbers(null, type & 0xffff, content);
        }
        var content = content(in, in.getInt());
        in.position(Math.min(in.limit(), in.position() + (8 - content.limit() % 8) % 8));
        return new Numbers(null, type, content);
    }

    private static ByteBuffer content(ByteBuffer in, int length) {
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        var content = in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
        in.position(in.position() + length);
        return content;
    }

    /** SVHN's cropped digits. */
    static ImageData.Found found(String name, Path folder) throws IOException {
        var pictures = new HashMap<String, Numbers>();
        var classes = IntStream.range(0, 10).mapToObj(Integer::toString).toList();
        var found =
                new ImageData.Found(
                        name,
                        classes,
                        picture -> {
                            int slash = picture.indexOf('/');
                            var all = pictures.get(picture.substring(0, slash));
                            return picture(all, Integer.parseInt(picture.substring(slash + 1)));
                        });
        for (var split : List.of(ImageData.Found.TRAIN, ImageData.Found.TEST)) {
            var file = folder.resolve(split + "_32x32.mat");
            if (!Files.exists(file)) {
                throw new DataFormatException(file.toString(), "is not there");
            }
            var arrays = new MatFile(file).arrays;
            var x = arrays.get("X");
            var y = arrays.get("y");
            if (x == null || y == null || x.lengths().length != 4 || x.lengths()[2] != 3) {
                throw new DataFormatException(
                        file.toString(),
                        "holds " + arrays.keySet() + "; expected X (h, w, 3, n) and y (n, 1)");
            }
            pictures.put(split, x);
            found.hashes().put(file.getFileName().toString(), Checksums.of(file));
            for (int i = 0; i < x.lengths()[3]; i++) {
                found.add(split, split + "/" + i, y.at(i) % 10);
            }
        }
        return found;
    }

    private static Picture picture(Numbers x, int index) {
        int height = x.lengths()[0];
        int width = x.lengths()[1];
        int area = height * width;
        var rgb = new byte[area * Picture.CHANNELS];
        for (int row = 0; row < height; row++) {
            for (int column = 0; column < width; column++) {
                for (int c = 0; c < Picture.CHANNELS; c++) {
                    int at = row + height * column + area * (c + Picture.CHANNELS * index);
                    rgb[(row * width + column) * Picture.CHANNELS + c] = (byte) x.at(at);
                }
            }
        }
        return new Picture(width, height, rgb);
    }
}
