package org.lowrank.data.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.data.glue.HoldOut;
import org.lowrank.data.source.DataRoot;

/** Each way in which a set of pictures is packed is read from a small set packed so. */
class ImageSetTest {

    private static final Path SHAPES = Path.of("../datasets/samples/images/shapes");
    private static final HoldOut HOLD_OUT = new HoldOut(0.25, 100, 1);
    @TempDir private Path folder;

    private void picture(String path, int red) throws IOException {
        var file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        var rgb = new byte[5 * 4 * 3];
        java.util.Arrays.fill(rgb, (byte) red);
        ImageIO.write(new Picture(5, 4, rgb).toImage(), "png", file.toFile());
    }

    private void text(String path, String... lines) throws IOException {
        var file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, List.of(lines));
    }

    private ImageData load(ImageSet set) throws IOException {
        return set.load(new DataRoot(folder), HOLD_OUT);
    }

    @Test
    void aFolderOfClassesWithSplits() throws IOException {
        var data = ImageFolder.read(SHAPES, HOLD_OUT);
        assertEquals(List.of("circle", "square", "triangle"), data.rows().labelNames());
        assertEquals(24, data.rows().test().size());
        assertEquals(36, data.rows().train().size());
        assertArrayEquals(new int[] {4, 4, 4}, data.rows().validation().classCounts());
        assertEquals(32, data.pictures().read("test/circle/00.png").width());
    }

    @Test
    void aFolderOfClassesIsCutBySeed() throws IOException {
        for (int i = 0; i < 10; i++) {
            picture("eurosat/2750/River/" + i + ".png", i);
            picture("eurosat/2750/Forest/" + i + ".png", 100 + i);
        }
        var data = load(ImageSet.EUROSAT);
        assertEquals(List.of("forest", "river"), data.rows().labelNames());
        assertEquals(4, data.rows().test().size());
        assertEquals(4, data.rows().validation().size());
        assertEquals(12, data.rows().train().size());
        var again = ImageSet.EUROSAT.load(new DataRoot(folder), new HoldOut(0.25, 100, 2));
        assertNotEquals(data.rows().test().sha256(), again.rows().test().sha256());
        text("eurosat/classes.txt", "a forest", "a river");
        assertEquals(List.of("a forest", "a river"), load(ImageSet.EUROSAT).rows().labelNames());
        text("eurosat/classes.txt", "a forest");
        var error = assertThrows(IOException.class, () -> load(ImageSet.EUROSAT));
        assertTrue(error.getMessage().contains("1 names for the 2 classes"), error.getMessage());
    }

    @Test
    void listsOfPictures() throws IOException {
        for (var split : List.of("train", "val", "test")) {
            picture("dtd/images/dotted/" + split + ".jpg.png", 1);
            picture("dtd/images/woven/" + split + ".jpg.png", 2);
            text(
                    "dtd/labels/" + split + "1.txt",
                    "dotted/" + split + ".jpg.png",
                    "woven/" + split + ".jpg.png");
        }
        var data = load(ImageSet.DTD);
        assertEquals(List.of("dotted", "woven"), data.rows().labelNames());
        assertEquals("woven/val.jpg.png", data.rows().validation().examples().get(1).text());
        assertEquals("the set's own splits", data.rows().provenance().preparation());

        text("sun397/Training_01.txt", "/a/abbey/s1.jpg", "/b/bar/inner/s2.jpg", "/a/abbey/s3.jpg");
        text("sun397/Testing_01.txt", "/b/bar/inner/s4.jpg");
        assertEquals(List.of("abbey", "bar inner"), load(ImageSet.SUN397).rows().labelNames());

        text(
                "cars/train.txt",
                "cars_train/1.jpg Audi A5",
                "cars_train/2.jpg BMW X3",
                "3.jpg BMW X3");
        text("cars/test.txt", "cars_test/1.jpg BMW X3");
        var cars = load(ImageSet.CARS);
        assertEquals(1, cars.rows().test().labels()[0]);
        var missing =
                assertThrows(IOException.class, () -> cars.pictures().read("cars_test/1.jpg"));
        assertTrue(missing.getMessage().contains("listed, but not there"), missing.getMessage());
    }

    @Test
    void classesThatAreNumbersAreInTheOrderOfTheNumbers() throws IOException {
        var train = new String[11];
        var names = new String[11];
        for (int i = 0; i < 11; i++) {
            picture("cars/" + i + ".png", i);
            train[i] = i + ".png " + (11 - i);
            names[i] = "car " + (i + 1);
        }
        text("cars/train.txt", train);
        text("cars/test.txt", "0.png 10");
        var plain = load(ImageSet.CARS).rows();
        assertEquals("10", plain.labelNames().get(9));
        assertEquals(9, plain.test().labels()[0]);
        text("cars/classes.txt", names);
        var named = load(ImageSet.CARS).rows();
        assertEquals("car 10", named.labelNames().get(named.test().labels()[0]));
        var before = plain.provenance().files();
        var after = named.provenance().files();
        assertEquals(before.get("train.txt"), after.get("train.txt"));
        assertNotEquals(before.get("class names"), after.get("class names"));
    }

    @Test
    void whatToolsLeaveIsNoClassAndAClassWithoutPicturesIsNamed() throws IOException {
        for (int i = 0; i < 10; i++) {
            picture("own/a/" + i + ".png", i);
            picture("own/b/" + i + ".png", i);
        }
        Files.createDirectories(folder.resolve("own/.ipynb_checkpoints"));
        Files.createDirectories(folder.resolve("own/__MACOSX"));
        var data = ImageFolder.read(folder.resolve("own"), HOLD_OUT).rows();
        assertEquals(List.of("a", "b"), data.labelNames());
        var preparation = data.provenance().preparation();
        assertTrue(preparation.contains("a fifth of all rows"), preparation);
        assertTrue(preparation.contains("validation cut"), preparation);
        text("own/c/1.webp", "RIFF");
        var error =
                assertThrows(
                        IOException.class, () -> ImageFolder.read(folder.resolve("own"), HOLD_OUT));
        assertTrue(error.getMessage().contains("holds no picture"), error.getMessage());
        assertTrue(error.getMessage().contains(".png"), error.getMessage());
    }

    @Test
    void splitsShareTheRoomForPreparedPictures() throws IOException {
        var data = ImageFolder.read(SHAPES, HOLD_OUT);
        var read = new java.util.ArrayList<String>();
        Pictures counted =
                name -> {
                    read.add(name);
                    return data.pictures().read(name);
                };
        int bytes = 32 * 32 * 3;
        var room = new AtomicLong(2 * bytes + 1);
        var train = new PreparedPictures(data.rows().train(), counted, ImageProcessor.RESNET, room);
        var test = new PreparedPictures(data.rows().test(), counted, ImageProcessor.RESNET, room);
        for (int twice = 0; twice < 2; twice++) {
            train.values(0);
            test.values(0, 1);
        }
        // two are kept, the third is read again
        assertEquals(4, read.size(), read.toString());
        assertEquals(1, room.get());
        assertTrue(PreparedPictures.room().get() <= Runtime.getRuntime().maxMemory() / 4);
    }

    @Test
    void fashionMnistIsWholeWhereItIs() throws IOException {
        var root = DataRoot.ofThisMachine();
        assumeTrue(FashionMnist.isHere(root), "Fashion-MNIST is not on this machine");
        var data = FashionMnist.load(root, HoldOut.STANDARD);
        assertEquals(10_000, data.rows().test().size());
        assertEquals(58_000, data.rows().train().size());
        assertEquals(1000, data.rows().test().classCounts()[9]);
        var picture = data.pictures().read("test/00000");
        assertEquals("ankle boot", FashionMnist.LABELS.get(data.rows().test().labels()[0]));
        assertEquals(28, picture.height());
        assertEquals(picture.at(20, 14, 0), picture.at(20, 14, 2));
    }

    @Test
    void aSetThatIsNotThereSaysWhereToGetIt() {
        var error = assertThrows(IOException.class, () -> load(ImageSet.RESISC45));
        assertTrue(error.getMessage().contains("https://"), error.getMessage());
        assertTrue(error.getMessage().contains("fetch resisc45"), error.getMessage());
        var cifar =
                assertThrows(IOException.class, () -> Cifar10.load(new DataRoot(folder), HOLD_OUT));
        assertTrue(cifar.getMessage().contains("fetch cifar10"), cifar.getMessage());
    }

    @Test
    void anAugmentationIsAFunctionOfSeedEpochAndRow() throws IOException {
        var picture = Picture.read(SHAPES.resolve("test/circle/00.png"));
        var one = Augmentation.SHIFT_AND_MIRROR.of(picture, 1, 0, 3);
        assertArrayEquals(one.rgb(), Augmentation.SHIFT_AND_MIRROR.of(picture, 1, 0, 3).rgb());
        boolean differs = false;
        for (int epoch = 1; epoch < 4; epoch++) {
            var other = Augmentation.SHIFT_AND_MIRROR.of(picture, 1, epoch, 3);
            differs |= !java.util.Arrays.equals(one.rgb(), other.rgb());
        }
        assertTrue(differs);
        assertArrayEquals(picture.rgb(), picture.mirrored().mirrored().rgb());
        assertArrayEquals(picture.rgb(), Augmentation.NONE.of(picture, 1, 0, 3).rgb());
    }

    @Test
    void whatIsNoPictureIsRefusedByName() throws IOException {
        var file = folder.resolve("a.jpg");
        Files.writeString(file, "<html>");
        var error = assertThrows(IOException.class, () -> Picture.read(file));
        assertTrue(error.getMessage().contains("a.jpg: is no picture"), error.getMessage());
        Files.writeString(folder.resolve("b.ppm"), "P6 3 3 255 x");
        var pixmap = assertThrows(IOException.class, () -> Picture.read(folder.resolve("b.ppm")));
        assertTrue(pixmap.getMessage().contains("no whole pixmap"), pixmap.getMessage());
    }
}
