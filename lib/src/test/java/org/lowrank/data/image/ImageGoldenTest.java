package org.lowrank.data.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.lowrank.weights.SafetensorsFile;
import org.lowrank.weights.TensorSource;

/**
 * The pictures below {@code -Dlowrank.golden.images=DIR} decoded, resized and prepared, against
 * what PIL and the image processors of transformers made of them: 8-bit values to the last bit,
 * pixel values within 1e-6.
 */
class ImageGoldenTest {

    private static final Path ROOT =
            Path.of(System.getProperty("lowrank.golden.images", "../../shared/golden/images"));

    @TestFactory
    Stream<DynamicTest> everyPicture() throws IOException {
        var expected = ROOT.resolve("expected.safetensors");
        if (!Files.exists(expected)) {
            return Stream.of(
                    dynamicTest(
                            "golden pictures",
                            () -> assumeTrue(false, ROOT.toAbsolutePath() + " is not there")));
        }
        try (var numbers = SafetensorsFile.open(expected)) {
            var tests = new ArrayList<DynamicTest>();
            for (var name : numbers.names()) {
                tests.add(dynamicTest(name, () -> check(name)));
            }
            assertTrue(tests.size() > 1, "no numbers");
            return tests.stream();
        }
    }

    private static void check(String name) throws IOException {
        var parts = name.split("\\.");
        try (var numbers = SafetensorsFile.open(ROOT.resolve("expected.safetensors"))) {
            switch (parts[0]) {
                case "rgb" -> same(numbers, name, picture(parts[1]));
                case "resize" -> {
                    var filter = Resampling.valueOf(parts[1].toUpperCase(Locale.ROOT));
                    var shape = numbers.info(name).dimensions();
                    var resized = filter.resize(picture(parts[2]), (int) shape[1], (int) shape[0]);
                    same(numbers, name, resized);
                }
                default -> {
                    var processor = ImageProcessor.ofFolder(ROOT.resolve(parts[0]));
                    var picture = picture(parts[1]);
                    if (parts[2].equals("uint8")) {
                        same(numbers, name, processor.shaped(picture));
                    } else {
                        assertArrayEquals(numbers.floats(name), processor.pixels(picture), 1e-6f);
                    }
                }
            }
        }
    }

    private static Picture picture(String name) throws IOException {
        return Picture.read(ROOT.resolve("pictures").resolve(name + ".png"));
    }

    private static void same(TensorSource numbers, String name, Picture seen) throws IOException {
        var shape = numbers.info(name).dimensions();
        assertEquals(shape[0], seen.height(), "height");
        assertEquals(shape[1], seen.width(), "width");
        var wanted = new byte[seen.rgb().length];
        numbers.bytes(name, 0, wanted.length).get(wanted);
        assertArrayEquals(wanted, seen.rgb());
    }
}
