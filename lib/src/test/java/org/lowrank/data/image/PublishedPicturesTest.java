package org.lowrank.data.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.data.LabelledTexts;
import org.lowrank.data.glue.HoldOut;
import org.lowrank.data.source.DataRoot;

/**
 * The seven sets of LoRA-Pro's table 3 from their files to pictures, labels, names and splits: a
 * few pictures of our own, in the folders and under the names that the unpacked archives have. Each
 * class has its colour, so that a picture tells whether its label is right.
 */
class PublishedPicturesTest {

    private static final Path SAMPLES = Path.of("../datasets/samples/images");
    private static final HoldOut HOLD_OUT = new HoldOut(0.25, 100, 1);

    /** Of a picture of one colour; JPEG is lossy. */
    private static final int LOSS = 3;

    private static final List<Color> COLOURS =
            List.of(new Color(200, 40, 40), new Color(40, 180, 60), new Color(50, 70, 210));

    @TempDir private Path folder;

    /** A picture of the colour of a class, in the format that the name ends with. */
    private void picture(String path, int label) throws IOException {
        var file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        var colour = COLOURS.get(label);
        var rgb = new byte[16 * 12 * 3];
        for (int i = 0; i < rgb.length; i += 3) {
            rgb[i] = (byte) colour.getRed();
            rgb[i + 1] = (byte) colour.getGreen();
            rgb[i + 2] = (byte) colour.getBlue();
        }
        if (path.endsWith(".ppm")) {
            var head = "P6\n16 12\n255\n".getBytes(StandardCharsets.US_ASCII);
            var bytes = Arrays.copyOf(head, head.length + rgb.length);
            System.arraycopy(rgb, 0, bytes, head.length, rgb.length);
            Files.write(file, bytes);
        } else {
            assertTrue(
                    ImageIO.write(new Picture(16, 12, rgb).toImage(), "jpg", file.toFile()), path);
        }
    }

    private void text(String path, List<String> lines) throws IOException {
        var file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, lines);
    }

    private ImageData load(ImageSet set) throws IOException {
        return set.load(new DataRoot(folder), HOLD_OUT);
    }

    /** Every picture of every split has the colour of its label. */
    private static void assertColours(ImageData data) throws IOException {
        for (var split : data.rows().splits()) {
            assertTrue(split.size() > 0, split.name());
            for (var row : split.examples()) {
                var picture = data.pictures().read(row.text());
                var colour = COLOURS.get(row.label());
                assertEquals(colour.getRed(), picture.at(3, 5, 0), LOSS, row.text());
                assertEquals(colour.getGreen(), picture.at(3, 5, 1), LOSS, row.text());
                assertEquals(colour.getBlue(), picture.at(3, 5, 2), LOSS, row.text());
            }
        }
    }

    private static List<String> names(LabelledTexts split) {
        return split.examples().stream().map(row -> row.text()).sorted().toList();
    }

    private static final List<String> SCENES =
            List.of("airplane", "ground_track_field", "storage_tank");

    private void resisc45(int each) throws IOException {
        for (int label = 0; label < SCENES.size(); label++) {
            for (int i = 1; i <= each; i++) {
                var scene = SCENES.get(label);
                picture("resisc45/NWPU-RESISC45/%s/%s_%03d.jpg".formatted(scene, scene, i), label);
            }
        }
    }

    @Test
    void resisc45IsAFolderAClassOfWhichAFifthIsCutOff() throws IOException {
        resisc45(10);
        var data = load(ImageSet.RESISC45);
        assertEquals(SCENES, data.rows().labelNames());
        assertEquals(6, data.rows().test().size());
        assertEquals(6, data.rows().validation().size());
        assertEquals(18, data.rows().train().size());
        assertColours(data);
        var preparation = data.rows().provenance().preparation();
        assertTrue(preparation.contains("a fifth of all rows"), preparation);
    }

    @Test
    void resisc45IsCutByPublishedListsWhereTheyLieBesideIt() throws IOException {
        resisc45(3);
        for (int i = 0; i < 3; i++) {
            int number = i + 1;
            var split = List.of("train", "val", "test").get(i);
            text(
                    "resisc45/resisc45-" + split + ".txt",
                    SCENES.stream().map(s -> "%s_%03d.jpg".formatted(s, number)).toList());
        }
        var data = load(ImageSet.RESISC45);
        assertEquals(SCENES, data.rows().labelNames());
        assertEquals("the set's own splits", data.rows().provenance().preparation());
        assertEquals(
                List.of(
                        "airplane/airplane_003.jpg",
                        "ground_track_field/ground_track_field_003.jpg",
                        "storage_tank/storage_tank_003.jpg"),
                names(data.rows().test()));
        assertColours(data);
        text("resisc45/resisc45-val.txt", List.of("airplane.jpg"));
        var error = assertThrows(IOException.class, () -> load(ImageSet.RESISC45));
        assertTrue(error.getMessage().contains("expected CLASS_NUMBER.jpg"), error.getMessage());
    }

    @Test
    void sun397IsFoldersInFoldersAndListsOfAnArchiveOfTheirOwn() throws IOException {
        var classes = List.of("/a/abbey", "/a/apartment_building/outdoor", "/b/bar");
        text("sun397/SUN397/ClassName.txt", classes);
        var train = new ArrayList<String>();
        var test = new ArrayList<String>();
        for (int label = 0; label < classes.size(); label++) {
            for (int i = 0; i < 8; i++) {
                var name = classes.get(label) + "/sun_" + "abcdefgh".charAt(i) + ".jpg";
                picture("sun397/SUN397" + name, label);
                (i < 4 ? train : test).add(name);
            }
        }
        text("sun397/Training_01.txt", train);
        text("sun397/Testing_01.txt", test);
        // the second split is there too, and is not read
        text("sun397/Training_02.txt", test);
        text("sun397/Testing_02.txt", train);
        var data = load(ImageSet.SUN397);
        assertEquals(
                List.of("abbey", "apartment_building outdoor", "bar"), data.rows().labelNames());
        assertEquals(12, data.rows().test().size());
        assertEquals(3, data.rows().validation().size());
        assertEquals(9, data.rows().train().size());
        assertTrue(names(data.rows().test()).contains("a/apartment_building/outdoor/sun_e.jpg"));
        assertColours(data);
    }

    /** The sample's files of MATLAB were written by SciPy, packed and not. */
    @Test
    void carsIsReadFromTheNotesOfItsAuthors() throws IOException {
        var data = ImageSet.CARS.load(new DataRoot(SAMPLES), HOLD_OUT);
        assertEquals(
                List.of("Boxy Van 2001", "Flat Coupe 2003", "Round Microcar 1957"),
                data.rows().labelNames());
        assertEquals(6, data.rows().test().size());
        assertEquals(12, data.rows().train().size() + data.rows().validation().size());
        assertEquals("cars_test/00001.jpg", names(data.rows().test()).get(0));
        assertColours(data);
        var hashes = data.rows().provenance().files();
        assertTrue(hashes.containsKey("cars_train_annos.mat"), hashes.toString());
    }

    /** Digits of the colour of their class; 10 stands for 0. */
    @Test
    void svhnIsReadFromFilesThatSciPyWrote() throws IOException {
        var data = ImageSet.SVHN.load(new DataRoot(SAMPLES), HOLD_OUT);
        assertEquals(10, data.rows().labelNames().size());
        assertEquals(3, data.rows().test().size());
        assertEquals(32, data.pictures().read("test/2").height());
        assertColours(data);
    }

    @Test
    void carsWithoutTheClassesOfTheTestIsRefused() throws IOException {
        for (var name : List.of("cars_meta.mat", "cars_train_annos.mat")) {
            var to = folder.resolve("cars/devkit").resolve(name);
            Files.createDirectories(to.getParent());
            Files.copy(SAMPLES.resolve("cars/devkit").resolve(name), to);
        }
        var error = assertThrows(IOException.class, () -> load(ImageSet.CARS));
        assertTrue(error.getMessage().contains("without classes"), error.getMessage());
        Files.copy(
                folder.resolve("cars/devkit/cars_meta.mat"),
                folder.resolve("cars/cars_test_annos_withlabels.mat"));
        error = assertThrows(IOException.class, () -> load(ImageSet.CARS));
        assertTrue(error.getMessage().contains("no structures annotations"), error.getMessage());
        Files.delete(folder.resolve("cars/devkit/cars_meta.mat"));
        error = assertThrows(IOException.class, () -> load(ImageSet.CARS));
        assertTrue(error.getMessage().contains("cars_meta.mat: is not there"), error.getMessage());
    }

    @Test
    void texturesAreAsTheirArchiveUnpacksThem() throws IOException {
        var classes = List.of("banded", "polka-dotted", "zigzagged");
        for (var split : List.of("train", "val", "test")) {
            var lines = new ArrayList<String>();
            for (int label = 0; label < classes.size(); label++) {
                var name = "%s/%s_%s.jpg".formatted(classes.get(label), classes.get(label), split);
                picture("dtd/dtd/images/" + name, label);
                lines.add(name);
            }
            text("dtd/dtd/labels/" + split + "1.txt", lines);
        }
        var data = load(ImageSet.DTD);
        assertEquals(classes, data.rows().labelNames());
        assertEquals("banded/banded_val.jpg", names(data.rows().validation()).get(0));
        assertColours(data);
    }

    @Test
    void eurosatsAbbreviationsHaveNames() throws IOException {
        var classes = List.of("AnnualCrop", "PermanentCrop", "SeaLake");
        for (int label = 0; label < classes.size(); label++) {
            for (int i = 1; i <= 10; i++) {
                var name = classes.get(label);
                picture("eurosat/2750/%s/%s_%d.jpg".formatted(name, name, i), label);
            }
        }
        var data = load(ImageSet.EUROSAT);
        assertEquals(
                List.of("annual crops", "permanent crops", "sea or lake"),
                data.rows().labelNames());
        assertColours(data);
        assertEquals("MIT", data.rows().provenance().licence());
    }

    /** The table lies outside the folder that the pictures are in, as its archive unpacks. */
    @Test
    void signsOfTheReleaseThatTorchvisionReadsHaveNames() throws IOException {
        var numbers = List.of(0, 14, 42);
        var table =
                new ArrayList<>(
                        List.of("Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId"));
        for (int label = 0; label < numbers.size(); label++) {
            var sign = "%05d".formatted(numbers.get(label));
            text("gtsrb/GTSRB/Training/%s/GT-%s.csv".formatted(sign, sign), List.of("Filename"));
            for (int i = 0; i < 4; i++) {
                picture("gtsrb/GTSRB/Training/%s/00000_%05d.ppm".formatted(sign, i), label);
            }
            picture("gtsrb/GTSRB/Final_Test/Images/%05d.ppm".formatted(label), label);
            table.add("%05d.ppm;16;12;5;5;11;7;%d".formatted(label, numbers.get(label)));
        }
        text("gtsrb/GT-final_test.csv", table);
        var data = load(ImageSet.GTSRB);
        assertEquals(
                List.of("20 km/h speed limit", "stop", "end of no overtaking by lorries"),
                data.rows().labelNames());
        assertEquals(3, data.rows().test().size());
        assertColours(data);
        table.add("00003.ppm;16;12;5;5;11;7;13");
        text("gtsrb/GT-final_test.csv", table);
        var error = assertThrows(IOException.class, () -> load(ImageSet.GTSRB));
        assertTrue(error.getMessage().contains("that there are pictures of"), error.getMessage());
    }
}
