package org.lowrank.data.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lowrank.data.DataFormatException;
import org.lowrank.data.glue.HoldOut;
import org.lowrank.data.source.DataRoot;
import org.lowrank.engine.Checksums;

/**
 * CIFAR-10 (Krizhevsky, 2009): pictures of 32 x 32 in ten classes, from its binary version or from
 * a tar of JPEG files {@code SPLIT/CLASS/NAME.jpg}. JPEG is lossy: networks trained on the original
 * lose ten points on it.
 */
public final class Cifar10 {

    public static final String NAME = "cifar10";

    public static final List<String> LABELS =
            List.of(
                    "airplane",
                    "automobile",
                    "bird",
                    "cat",
                    "deer",
                    "dog",
                    "frog",
                    "horse",
                    "ship",
                    "truck");

    /** 500 pictures a class to train on and 200 to test on, as JPEG. */
    public static final String TAR = "vision/cifar10_jpg_subset_5000train_2000test.tar";

    private static final String BINARY = "cifar-10-batches-bin";
    private static final int SIDE = 32;
    private static final int RECORD = 1 + 3 * SIDE * SIDE;
    private static final int BLOCK = 512;

    private Cifar10() {}

    /** The binary version if it is in the data folder, else the JPEG files. */
    public static ImageData load(DataRoot root, HoldOut holdOut) throws IOException {
        var test = BINARY + "/test_batch.bin";
        return root.contains(TAR) && !root.contains(test)
                ? tar(root.file(TAR, NAME), holdOut)
                : binary(root.file(test, NAME).getParent(), holdOut);
    }

    /** The folder {@code cifar-10-batches-bin}. */
    public static ImageData binary(Path folder, HoldOut holdOut) throws IOException {
        var records = new LinkedHashMap<String, byte[]>();
        var found = new ImageData.Found("CIFAR-10", LABELS, name -> decoded(records, name));
        try (var entries = Files.list(folder)) {
            for (var file : entries.filter(f -> f.toString().endsWith(".bin")).sorted().toList()) {
                var bytes = Files.readAllBytes(file);
                var name = file.getFileName().toString();
                if (bytes.length % RECORD != 0 || bytes.length == 0) {
                    throw new DataFormatException(
                            file.toString(),
                            "has %s bytes, which are no records of %s: fetch it again"
                                    .formatted(bytes.length, RECORD));
                }
                records.put(name, bytes);
                found.hashes().put(name, Checksums.of(file));
                var split = name.startsWith("test") ? ImageData.Found.TEST : ImageData.Found.TRAIN;
                for (int i = 0; i < bytes.length / RECORD; i++) {
                    found.add(split, name + "/" + i, bytes[i * RECORD]);
                }
            }
        }
        return found.cut(holdOut, "https://www.cs.toronto.edu/~kriz/cifar.html", "none stated");
    }

    /** One record: the class, then all red values, all green ones, all blue ones. */
    private static Picture decoded(Map<String, byte[]> records, String name) {
        int slash = name.indexOf('/');
        var bytes = records.get(name.substring(0, slash));
        int begin = Integer.parseInt(name.substring(slash + 1)) * RECORD + 1;
        var rgb = new byte[RECORD - 1];
        int area = SIDE * SIDE;
        for (int i = 0; i < area; i++) {
            for (int c = 0; c < Picture.CHANNELS; c++) {
                rgb[i * Picture.CHANNELS + c] = bytes[begin + c * area + i];
            }
        }
        return new Picture(SIDE, SIDE, rgb);
    }

    /** A tar of pictures by split and class. */
    public static ImageData tar(Path file, HoldOut holdOut) throws IOException {
        var entries = entries(file);
        var found =
                new ImageData.Found(
                        "CIFAR-10 as JPEG",
                        LABELS,
                        name -> Picture.decode(name, entries.get(name)));
        for (var name : entries.keySet().stream().sorted().toList()) {
            var parts = name.split("/");
            int label = parts.length == 3 ? LABELS.indexOf(parts[1]) : -1;
            if (label < 0) {
                throw new DataFormatException(
                        file.toString(),
                        "holds " + name + "; expected SPLIT/CLASS/NAME with a class of " + LABELS);
            }
            found.add(parts[0], name, label);
        }
        found.hashes().put(file.getFileName().toString(), Checksums.of(file));
        return found.cut(holdOut, "https://www.cs.toronto.edu/~kriz/cifar.html", "none stated");
    }

    /** The plain files of a tar archive by name. */
    private static Map<String, byte[]> entries(Path file) throws IOException {
        var bytes = Files.readAllBytes(file);
        var entries = new LinkedHashMap<String, byte[]>();
        int at = 0;
        while (at + BLOCK <= bytes.length && bytes[at] != 0) {
            var name = text(bytes, at, 100);
            int size;
            try {
                size = Integer.parseInt(text(bytes, at + 124, 12).strip(), 8);
            } catch (NumberFormatException e) {
                throw new DataFormatException(file.toString(), "is no tar archive: at byte " + at);
            }
            int begin = at + BLOCK;
            if (size < 0 || size > bytes.length - begin) {
                throw new DataFormatException(
                        file.toString(), name + " ends beyond the archive: fetch it again");
            }
            if (bytes[at + 156] == '0' || bytes[at + 156] == 0) {
                entries.put(
                        name.replaceFirst("^\\./", ""),
                        Arrays.copyOfRange(bytes, begin, begin + size));
            }
            at = begin + (size + BLOCK - 1) / BLOCK * BLOCK;
        }
        return entries;
    }

    private static String text(byte[] bytes, int from, int length) {
        int end = from;
        while (end < from + length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, from, end - from, StandardCharsets.UTF_8);
    }
}
