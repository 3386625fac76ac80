package org.lowrank.data.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * JPEG files of our own, and beside each, as PNG, what PIL decodes it to: {@code
 * src/test/resources/golden/jpeg}, with the script that made them.
 */
class JpegGoldenTest {

    private static final Path FOLDER = Path.of("src/test/resources/golden/jpeg");

    /** The largest difference of any value, and the share of values that differ at all. */
    @ParameterizedTest
    @CsvSource({
        "420, 0, 0",
        "422, 0, 0",
        "444, 0, 0",
        "coarse, 0, 0",
        "progressive, 0, 0",
        "restarts, 0, 0",
        "grey, 0, 0",
        "rgb, 0, 0",
        "small, 0, 0",
        "profile, 0, 0",
        "turned, 0, 0",
        "440, 0, 0",
        "411, 0, 0",
        "unnamed, 0, 0",
    })
    void aPictureIsDecodedAsByPil(String name, int largest, double share) throws IOException {
        var ours = Picture.read(FOLDER.resolve(name + ".jpg"));
        var theirs = Picture.read(FOLDER.resolve(name + ".png"));
        assertEquals(theirs.width(), ours.width());
        assertEquals(theirs.height(), ours.height());
        int most = 0;
        int differ = 0;
        for (int i = 0; i < ours.rgb().length; i++) {
            int difference = Math.abs((ours.rgb()[i] & 0xff) - (theirs.rgb()[i] & 0xff));
            most = Math.max(most, difference);
            differ += difference > 0 ? 1 : 0;
        }
        var told = name + ": " + most + ", " + differ + " of " + ours.rgb().length;
        assertTrue(most <= largest, told);
        assertTrue(differ <= share * ours.rgb().length, told);
    }
}
