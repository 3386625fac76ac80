package org.lowrank.data.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.lowrank.data.DataFormatException;
import org.lowrank.data.glue.HoldOut;
import org.lowrank.engine.Checksums;

/**
 * A folder of pictures by class, {@code CLASS/NAME.jpg}, perhaps below folders {@code train},
 * {@code val} and {@code test}. Classes are numbered in their alphabetical order. EuroSAT and
 * RESISC45 are such.
 */
public final class ImageFolder {

    private static final List<String> ENDINGS =
            List.of(".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".ppm");

    private static final Map<String, String> SPLITS =
            Map.of(
                    "train",
                    "train",
                    "val",
                    "val",
                    "valid",
                    "val",
                    "validation",
                    "val",
                    "test",
                    "test");

    private ImageFolder() {}

    /**
     * Reads a folder.
     *
     * @throws DataFormatException if it holds no classes of pictures, or splits of other classes
     */
    public static ImageData read(Path folder, HoldOut holdOut) throws IOException {
        var found = found(folder.getFileName().toString(), folder);
        return found.cut(holdOut, folder.getFileName().toString(), "");
    }

    static ImageData.Found found(String name, Path folder) throws IOException {
        var splits = new TreeMap<String, Path>();
        for (var entry : folders(folder)) {
            var split = SPLITS.get(entry.getFileName().toString().toLowerCase(Locale.ROOT));
            if (split != null) {
                splits.put(split, entry);
            }
        }
        if (splits.isEmpty()) {
            splits.put(ImageData.Found.TRAIN, folder);
        }
        var classes = classes(splits.firstEntry().getValue());
        var found = new ImageData.Found(name, classes, picturesIn(folder));
        var digest = Checksums.digest();
        for (var split : splits.entrySet()) {
            if (!classes(split.getValue()).equals(classes)) {
                throw new DataFormatException(
                        split.getValue().toString(),
                        "has the classes "
                                + classes(split.getValue())
                                + ", another split has "
                                + classes);
            }
            for (int label = 0; label < classes.size(); label++) {
                var pictures = files(split.getValue().resolve(classes.get(label)));
                if (pictures.isEmpty() && split.getKey().equals(ImageData.Found.TRAIN)) {
                    throw new DataFormatException(
                            split.getValue().resolve(classes.get(label)).toString(),
                            "holds no picture of its class; read are " + ENDINGS);
                }
                for (var file : pictures) {
                    var picture = folder.relativize(file).toString();
                    found.add(split.getKey(), picture, label);
                    var line = picture + "\t" + Files.size(file) + "\n";
                    digest.update(line.getBytes(StandardCharsets.UTF_8));
                }
            }
        }
        found.hashes().put("names and sizes", Checksums.hex(digest));
        return found;
    }

    static Pictures picturesIn(Path folder) {
        return picture -> {
            var file = folder.resolve(picture);
            if (!Files.isRegularFile(file)) {
                throw new DataFormatException(file.toString(), "is listed, but not there");
            }
            return Picture.read(file);
        };
    }

    private static List<String> classes(Path folder) throws IOException {
        var classes = folders(folder).stream().map(path -> path.getFileName().toString()).toList();
        if (classes.size() < 2) {
            throw new DataFormatException(
                    folder.toString(),
                    "holds no classes: expected a folder of pictures for each, found " + classes);
        }
        return classes;
    }

    private static List<Path> folders(Path folder) throws IOException {
        try (var entries = Files.list(folder)) {
            return entries.filter(Files::isDirectory)
                    .filter(path -> !isOfTools(path.getFileName().toString()))
                    .sorted()
                    .toList();
        }
    }

    /** What editors and archives of other systems leave beside the classes. */
    private static boolean isOfTools(String name) {
        return name.startsWith(".") || name.equals("__MACOSX");
    }

    /** The pictures of a folder, by name. */
    private static List<Path> files(Path folder) throws IOException {
        try (var entries = Files.list(folder)) {
            return entries.filter(Files::isRegularFile)
                    .filter(ImageFolder::isPicture)
                    .sorted()
                    .toList();
        }
    }

    private static boolean isPicture(Path file) {
        var name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return ENDINGS.stream().anyMatch(name::endsWith);
    }
}
