package org.lowrank.data.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.TreeSet;
import org.lowrank.data.DataFormatException;
import org.lowrank.data.glue.HoldOut;
import org.lowrank.data.source.DataRoot;
import org.lowrank.engine.Checksums;

/**
 * Published sets as their authors pack them, unpacked into a folder of the set's name in the data
 * folder: the seven of LoRA-Pro's table 3. Classes are in the order of their numbers, where all of
 * them are numbers, else of the alphabet. A file {@code classes.txt} there, a name a line in that
 * order, replaces the names of classes, which prompts are made of.
 */
public enum ImageSet {
    /** Cars (Krause et al., 2013), with lists {@code train.txt}, {@code test.txt} of its notes. */
    CARS("https://ai.stanford.edu/~jkrause/cars/car_dataset.html"),
    /** Textures (Cimpoi et al., 2014): {@code images/}, and lists of the first split. */
    DTD("https://www.robots.ox.ac.uk/~vgg/data/dtd/"),
    /** Land use from Sentinel-2 (Helber et al., 2019): a folder a class. */
    EUROSAT("https://github.com/phelber/EuroSAT"),
    /** German traffic signs (Stallkamp et al., 2012): folders to train on, a table for the test. */
    GTSRB("https://benchmark.ini.rub.de/gtsrb_dataset.html"),
    /** Scenes from above (Cheng et al., 2017): a folder a class. */
    RESISC45("https://gcheng-nwpu.github.io"),
    /** Scenes (Xiao et al., 2010): folders in folders, and lists of the first split. */
    SUN397("https://vision.princeton.edu/projects/2010/SUN/"),
    /** House numbers (Netzer et al., 2011): cropped digits in two files of MATLAB. */
    SVHN("http://ufldl.stanford.edu/housenumbers/");

    private final String homepage;

    ImageSet(String homepage) {
        this.homepage = homepage;
    }

    /** What its folder is called. */
    public String folderName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Its splits.
     *
     * @throws IOException if it is not in the data folder; the message says where it would be and
     *     from where to get it
     */
    public ImageData load(DataRoot root, HoldOut holdOut) throws IOException {
        var folder = root.folder().resolve(folderName());
        if (!Files.isDirectory(folder)) {
            throw new IOException(
                    "%s is not on this machine: get it from %s and unpack it into %s"
                            .formatted(name(), homepage, folder));
        }
        var found =
                switch (this) {
                    case CARS -> lists(folder, folder, "train.txt", null, "test.txt");
                    case DTD ->
                            lists(
                                    folder.resolve("images"),
                                    folder.resolve("labels"),
                                    "train1.txt",
                                    "val1.txt",
                                    "test1.txt");
                    case EUROSAT -> ImageFolder.found(name(), within(folder, "2750"));
                    case RESISC45 -> ImageFolder.found(name(), within(folder, "NWPU-RESISC45"));
                    case SUN397 ->
                            lists(
                                    within(folder, "SUN397"),
                                    folder,
                                    "Training_01.txt",
                                    null,
                                    "Testing_01.txt");
                    case GTSRB -> signs(within(folder, "GTSRB"));
                    case SVHN -> MatFile.found(name(), folder);
                };
        var named = named(folder, found);
        named.hashes()
                .put(
                        "class names",
                        Checksums.of(
                                String.join("\n", named.classes())
                                        .getBytes(StandardCharsets.UTF_8)));
        return named.cut(holdOut, homepage, "see " + homepage);
    }

    private static Path within(Path folder, String inner) {
        return Files.isDirectory(folder.resolve(inner)) ? folder.resolve(inner) : folder;
    }

    private static ImageData.Found named(Path folder, ImageData.Found found) throws IOException {
        var file = folder.resolve("classes.txt");
        if (!Files.exists(file)) {
            return found;
        }
        var names = Files.readAllLines(file);
        if (names.size() != found.classes().size()) {
            throw new DataFormatException(
                    file.toString(),
                    "has "
                            + names.size()
                            + " names for the "
                            + found.classes().size()
                            + " classes of the set, "
                            + found.classes());
        }
        return new ImageData.Found(
                found.name(), found.splits(), names, found.pictures(), found.hashes());
    }

    /**
     * Lists of pictures, {@code CLASS/NAME.jpg} a line; a number or name behind it is the class.
     */
    private ImageData.Found lists(
            Path pictures, Path folder, String train, String validation, String test)
            throws IOException {
        record Line(String split, String picture, String label) {}
        var lines = new ArrayList<Line>();
        var classes = new TreeSet<String>();
        var hashes = new TreeMap<String, String>();
        var splits = new ArrayList<>(List.of(ImageData.Found.TRAIN, ImageData.Found.TEST));
        var files = new ArrayList<>(List.of(train, test));
        if (validation != null) {
            splits.add(ImageData.Found.VALIDATION);
            files.add(validation);
        }
        for (int i = 0; i < files.size(); i++) {
            var file = folder.resolve(files.get(i));
            if (!Files.exists(file)) {
                throw new DataFormatException(
                        file.toString(), "is not there: it lists the pictures");
            }
            hashes.put(files.get(i), Checksums.of(file));
            for (var text : Files.readAllLines(file)) {
                if (!text.isBlank()) {
                    var parts = text.strip().replaceFirst("^/", "").split("\\s+", 2);
                    int slash = parts[0].lastIndexOf('/');
                    if (parts.length == 1 && slash < 0) {
                        throw new DataFormatException(
                                file.toString(),
                                "has the line '" + text + "'; expected CLASS/NAME, or NAME CLASS");
                    }
                    var label = parts.length == 2 ? parts[1] : ofFolder(parts[0], slash);
                    classes.add(label);
                    lines.add(new Line(splits.get(i), parts[0], label));
                }
            }
        }
        var names = ordered(classes);
        var found = new ImageData.Found(name(), names, ImageFolder.picturesIn(pictures));
        found.hashes().putAll(hashes);
        lines.forEach(line -> found.add(line.split(), line.picture(), names.indexOf(line.label())));
        return found;
    }

    /** As its authors number them, 2 before 10, or by the alphabet. */
    private static List<String> ordered(TreeSet<String> classes) {
        boolean numbers = classes.stream().allMatch(name -> name.matches("\\d{1,9}"));
        return numbers
                ? classes.stream().sorted(Comparator.comparingInt(Integer::parseInt)).toList()
                : List.copyOf(classes);
    }

    /** SUN397 sorts its classes into folders by their first letter. */
    private static String ofFolder(String picture, int slash) {
        return picture.substring(0, slash).replaceFirst("^[a-z]/", "").replace('/', ' ');
    }

    /** Training folders by the number of the class; test pictures in a table with semicolons. */
    private ImageData.Found signs(Path folder) throws IOException {
        var train = ImageFolder.found(name(), folder.resolve("Final_Training/Images"));
        var found = new ImageData.Found(name(), train.classes(), ImageFolder.picturesIn(folder));
        for (var row : train.splits().get(ImageData.Found.TRAIN)) {
            found.add(ImageData.Found.TRAIN, "Final_Training/Images/" + row.text(), row.label());
        }
        var table = folder.resolve("GT-final_test.csv");
        if (!Files.exists(table)) {
            throw new DataFormatException(
                    table.toString(), "is not there: it has the test classes");
        }
        found.hashes().putAll(train.hashes());
        found.hashes().put(table.getFileName().toString(), Checksums.of(table));
        var lines = Files.readAllLines(table);
        for (var line : lines.subList(1, lines.size())) {
            var cells = line.split(";");
            int label = cells.length == 8 ? Integer.parseInt(cells[7].strip()) : -1;
            if (label < 0 || label >= train.classes().size()) {
                throw new DataFormatException(
                        table.toString(),
                        "has the line '" + line + "'; the eighth cell is a class");
            }
            found.add(ImageData.Found.TEST, "Final_Test/Images/" + cells[0], label);
        }
        return found;
    }
}
