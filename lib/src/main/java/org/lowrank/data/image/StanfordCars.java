package org.lowrank.data.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.lowrank.data.DataFormatException;
import org.lowrank.data.image.MatFile.Items;
import org.lowrank.data.image.MatFile.Numbers;
import org.lowrank.data.image.MatFile.Text;
import org.lowrank.engine.Checksums;

/**
 * Cars as its authors pack it: pictures in {@code cars_train} and {@code cars_test}, and in files
 * of MATLAB the names of the classes ({@code class_names}, cells) and of the pictures ({@code
 * annotations}, structures with {@code class}, from 1, and {@code fname}). The test's classes are
 * in a file of their own, which lies in {@code devkit} or beside it.
 */
final class StanfordCars {

    private static final String NOTES = "devkit";
    private static final String NAMES = "cars_meta.mat";
    private static final String TRAIN = "cars_train_annos.mat";
    private static final String TEST = "cars_test_annos_withlabels.mat";

    private StanfordCars() {}

    static ImageData.Found found(String name, Path folder) throws IOException {
        var notes = folder.resolve(NOTES);
        var names = names(present(notes.resolve(NAMES)));
        var found = new ImageData.Found(name, names, ImageFolder.picturesIn(folder));
        found.hashes().put(NAMES, Checksums.of(notes.resolve(NAMES)));
        add(found, ImageData.Found.TRAIN, "cars_train", present(notes.resolve(TRAIN)));
        var beside = folder.resolve(TEST);
        add(
                found,
                ImageData.Found.TEST,
                "cars_test",
                present(Files.exists(beside) ? beside : notes.resolve(TEST)));
        return found;
    }

    private static Path present(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new DataFormatException(
                    file.toString(),
                    "is not there"
                            + (file.endsWith(TEST)
                                    ? ": cars_test_annos.mat, without classes, is not enough"
                                    : ""));
        }
        return file;
    }

    private static List<String> names(Path file) throws IOException {
        var names = new ArrayList<String>();
        if (MatFile.read(file).get("class_names") instanceof Items cells) {
            for (var cell : cells.values()) {
                names.add(cell instanceof Text text ? text.text().strip() : "");
            }
        }
        if (names.isEmpty() || names.contains("")) {
            throw new DataFormatException(
                    file.toString(), "has no array class_names whose cells are texts");
        }
        return names;
    }

    private static void add(ImageData.Found found, String split, String pictures, Path file)
            throws IOException {
        found.hashes().put(file.getFileName().toString(), Checksums.of(file));
        if (!(MatFile.read(file).get("annotations") instanceof Items notes)) {
            throw new DataFormatException(file.toString(), "has no structures annotations");
        }
        var classes = notes.field("class");
        var files = notes.field("fname");
        for (int i = 0; i < Math.max(classes.size(), files.size()); i++) {
            boolean whole =
                    i < Math.min(classes.size(), files.size())
                            && classes.get(i) instanceof Numbers number
                            && number.count() == 1
                            && number.at(0) >= 1
                            && number.at(0) <= found.classes().size()
                            && files.get(i) instanceof Text;
            if (!whole) {
                throw new DataFormatException(
                        file.toString(),
                        "has an annotation %d without a class (1 to %d) or a file's name"
                                .formatted(i + 1, found.classes().size()));
            }
            int label = ((Numbers) classes.get(i)).at(0) - 1;
            found.add(split, pictures + "/" + ((Text) files.get(i)).text().strip(), label);
        }
    }
}
