package org.lowrank.data.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.lowrank.data.DataFormatException;
import org.lowrank.engine.Checksums;

/**
 * Splits that are lists of pictures, a picture a line.
 *
 * @param pictures the folder that the names of pictures start from
 * @param folder of the lists
 * @param files to train on, to test on, and perhaps to validate on
 */
record PictureLists(Path pictures, Path folder, List<String> files, Form form) {

    private static final List<String> SPLITS =
            List.of(ImageData.Found.TRAIN, ImageData.Found.TEST, ImageData.Found.VALIDATION);

    /** What a line looks like. */
    enum Form {
        /** {@code CLASS/NAME.jpg}; a number or a name behind it is the class. */
        IN_FOLDER("CLASS/NAME, or NAME CLASS") {
            @Override
            Line read(String line) {
                var parts = line.replaceFirst("^/", "").split("\\s+", 2);
                int slash = parts[0].lastIndexOf('/');
                if (parts.length == 2) {
                    return new Line(parts[0], parts[1]);
                }
                return slash < 0 ? null : new Line(parts[0], named(parts[0].substring(0, slash)));
            }

            /** SUN397 sorts its classes into folders by their first letter. */
            private String named(String folders) {
                return folders.replaceFirst("^[a-z]/", "").replace('/', ' ');
            }
        },
        /** {@code CLASS_NUMBER.jpg}, which lies in the folder of its class. */
        BY_FILE_NAME("CLASS_NUMBER.jpg") {
            @Override
            Line read(String line) {
                int last = line.lastIndexOf('_');
                var label = last < 1 ? null : line.substring(0, last);
                return label == null ? null : new Line(label + "/" + line, label);
            }
        };

        private final String example;

        Form(String example) {
            this.example = example;
        }

        /** Null if it is no such line. */
        abstract Line read(String line);
    }

    /** A picture and its class. */
    private record Line(String picture, String label) {}

    /** What the lists say; that the pictures are there is seen when they are read. */
    ImageData.Found found(String name) throws IOException {
        var lines = new LinkedHashMap<String, List<Line>>();
        var hashes = new TreeMap<String, String>();
        var classes = new TreeSet<String>();
        for (int i = 0; i < files.size(); i++) {
            var file = folder.resolve(files.get(i));
            if (!Files.exists(file)) {
                throw new DataFormatException(
                        file.toString(), "is not there: it lists the pictures");
            }
            hashes.put(files.get(i), Checksums.of(file));
            var read = read(file);
            read.forEach(line -> classes.add(line.label()));
            lines.put(SPLITS.get(i), read);
        }
        var names = ordered(classes);
        var found = new ImageData.Found(name, names, ImageFolder.picturesIn(pictures));
        found.hashes().putAll(hashes);
        for (var split : lines.entrySet()) {
            for (var line : split.getValue()) {
                found.add(split.getKey(), line.picture(), names.indexOf(line.label()));
            }
        }
        return found;
    }

    private List<Line> read(Path file) throws IOException {
        var lines = new ArrayList<Line>();
        for (var text : Files.readAllLines(file)) {
            if (text.isBlank()) {
                continue;
            }
            var line = form.read(text.strip());
            if (line == null) {
                throw new DataFormatException(
                        file.toString(), "has the line '" + text + "'; expected " + form.example);
            }
            lines.add(line);
        }
        return lines;
    }

    /** As its authors number them, 2 before 10, or by the alphabet. */
    private static List<String> ordered(TreeSet<String> classes) {
        boolean numbers = classes.stream().allMatch(name -> name.matches("\\d{1,9}"));
        return numbers
                ? classes.stream().sorted(Comparator.comparingInt(Integer::parseInt)).toList()
                : List.copyOf(classes);
    }
}
