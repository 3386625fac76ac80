package org.lowrank.data.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.lowrank.data.DataFormatException;
import org.lowrank.engine.Checksums;

/**
 * GTSRB: training folders by the number of the class, {@code Final_Training/Images/00007}, or
 * {@code Training/00007} of the earlier release that torchvision reads; test pictures in {@code
 * Final_Test/Images}, their classes in a table with semicolons. The table comes in an archive
 * without the folder {@code GTSRB} that the others have, so that it may lie beside that folder.
 */
final class TrafficSigns {

    private static final String WHOLE = "Final_Training/Images";
    private static final String EARLIER = "Training";
    private static final String TABLE = "GT-final_test.csv";

    /** Cells of a row of the table, the last of which is the class. */
    private static final int CELLS = 8;

    private TrafficSigns() {}

    /**
     * What the files hold.
     *
     * @param folder of training and test
     * @param around where else the table may lie
     */
    static ImageData.Found found(String name, Path folder, Path around) throws IOException {
        var taught = Files.isDirectory(folder.resolve(WHOLE)) ? WHOLE : EARLIER;
        if (!Files.isDirectory(folder.resolve(taught))) {
            throw new DataFormatException(
                    folder.toString(), "holds neither " + WHOLE + " nor " + EARLIER);
        }
        var train = ImageFolder.found(name, folder.resolve(taught));
        var found = new ImageData.Found(name, train.classes(), ImageFolder.picturesIn(folder));
        for (var row : train.splits().get(ImageData.Found.TRAIN)) {
            found.add(ImageData.Found.TRAIN, taught + "/" + row.text(), row.label());
        }
        var table = (Files.exists(folder.resolve(TABLE)) ? folder : around).resolve(TABLE);
        if (!Files.exists(table)) {
            throw new DataFormatException(
                    table.toString(), "is not there: it has the test classes");
        }
        found.hashes().putAll(train.hashes());
        found.hashes().put(TABLE, Checksums.of(table));
        var lines = Files.readAllLines(table);
        for (var line : lines.subList(Math.min(1, lines.size()), lines.size())) {
            var cells = line.split(";");
            int label = cells.length == CELLS ? label(cells[CELLS - 1].strip(), found) : -1;
            if (label < 0) {
                throw new DataFormatException(
                        table.toString(),
                        "has the line '"
                                + line
                                + "'; the eighth cell is a class that there are pictures of");
            }
            found.add(ImageData.Found.TEST, "Final_Test/Images/" + cells[0], label);
        }
        return found;
    }

    /** A class is 7 in the table and 00007 as a folder. */
    private static int label(String number, ImageData.Found found) {
        return number.matches("\\d{1,5}")
                ? found.classes()
                        .indexOf(String.format(Locale.ROOT, "%05d", Integer.parseInt(number)))
                : -1;
    }
}
