package org.lowrank.report.chart;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class FewColoursTest {

    private static BufferedImage picture(int width, int height) {
        return new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
    }

    private static byte[] png(BufferedImage picture) throws IOException {
        var png = new ByteArrayOutputStream();
        ImageIO.write(picture, "png", png);
        return png.toByteArray();
    }

    @Test
    void aPictureOfFewColoursStaysAsItIsAndKeepsWhatIsSeenThrough() throws IOException {
        var picture = picture(10, 10);
        for (int i = 0; i < 10; i++) {
            picture.setRGB(i, 3, 0xFF2A85C7);
            picture.setRGB(i, 4, 0x38808080);
        }
        var read = ImageIO.read(new ByteArrayInputStream(png(FewColours.of(picture))));
        for (int y = 0; y < 10; y++) {
            for (int x = 0; x < 10; x++) {
                assertEquals(picture.getRGB(x, y), read.getRGB(x, y), x + " " + y);
            }
        }
    }

    @Test
    void manyShadesTakeOneThatTheEyeDoesNotTellAndARareColourIsKept() throws IOException {
        var picture = picture(1024, 4);
        for (int x = 0; x < 1024; x++) {
            for (int y = 0; y < 4; y++) {
                picture.setRGB(x, y, 0xFF000000 | x / 4 << 8 | x % 4);
            }
        }
        picture.setRGB(7, 0, 0xFFD9651A);
        var few = FewColours.of(picture);
        assertEquals(0xFFD9651A, few.getRGB(7, 0));
        for (int x = 8; x < 1024; x++) {
            int was = picture.getRGB(x, 1);
            int is = few.getRGB(x, 1);
            assertTrue(Math.abs((was >> 8 & 255) - (is >> 8 & 255)) <= 8, x + "");
            assertTrue(Math.abs((was & 255) - (is & 255)) <= 8, x + "");
        }
        assertArrayEquals(png(few), png(FewColours.of(picture)));
        assertTrue(png(few).length < png(picture).length);
    }
}
