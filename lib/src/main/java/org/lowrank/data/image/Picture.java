package org.lowrank.data.image;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import org.lowrank.data.DataFormatException;

/**
 * A picture of red, green and blue, 8 bits each.
 *
 * @param rgb row by row, (height, width, 3)
 */
public record Picture(int width, int height, byte[] rgb) {

    static final int CHANNELS = 3;

    private static final int HEAD = 256;
    private static final Pattern PORTABLE =
            Pattern.compile("P6\\s+(?:#[^\\n]*\\n)*(\\d{1,5})\\s+(\\d{1,5})\\s+255\\s");

    public Picture {
        if (width < 1 || height < 1 || rgb.length != width * height * CHANNELS) {
            throw new IllegalArgumentException(
                    rgb.length + " values for a picture of " + width + " x " + height);
        }
    }

    /**
     * Decodes a file of any format that Java's ImageIO reads (PNG, JPEG, GIF, BMP, TIFF), or a
     * portable pixmap, as PIL's {@code convert("RGB")} does: transparency is dropped, grey is
     * repeated, a palette is looked up, colour profiles and the orientation of a camera are not
     * applied.
     *
     * <p>JPEG is lossy, and two decoders may differ. On our test pictures (baseline and
     * progressive, every usual halving of the colours, coarse, grey, RGB, with restarts, with a
     * profile, without any word on the channels) no value differs from what PIL 13.0 with
     * libjpeg-turbo 3.2 decodes: the largest difference is 0 ({@code JpegGoldenTest}).
     *
     * @throws DataFormatException if it is no such file, or has more than 8 bits a colour or four
     *     inks (CMYK)
     */
    public static Picture read(Path file) throws IOException {
        return decode(file.toString(), Files.readAllBytes(file));
    }

    /** The same of bytes that came from anywhere. */
    public static Picture decode(String name, byte[] bytes) throws IOException {
        if (bytes.length > 2 && bytes[0] == 'P' && bytes[1] == '6') {
            return portable(name, bytes);
        }
        BufferedImage image;
        try {
            ImageIO.setUseCache(false);
            var read = JpegSegments.isJpeg(bytes) ? JpegSegments.plain(bytes) : bytes;
            image = ImageIO.read(new ByteArrayInputStream(read));
        } catch (IIOException | IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new DataFormatException(
                    name,
                    "is not decoded ("
                            + e.getMessage()
                            + "); pictures of four inks (CMYK) and damaged ones are not read, save"
                            + " it as PNG");
        }
        if (image == null) {
            throw new DataFormatException(
                    name, "is no picture that is read here; PNG, JPEG, GIF, BMP and TIFF are");
        }
        return of(name, image);
    }

    /** A portable pixmap: P6, width, height and 255 in decimal, then the values. */
    private static Picture portable(String name, byte[] bytes) throws IOException {
        var head = new String(bytes, 0, Math.min(HEAD, bytes.length), StandardCharsets.ISO_8859_1);
        var match = PORTABLE.matcher(head);
        if (match.lookingAt()) {
            int width = Integer.parseInt(match.group(1));
            int height = Integer.parseInt(match.group(2));
            if ((long) width * height * CHANNELS == bytes.length - match.end()) {
                return new Picture(
                        width, height, Arrays.copyOfRange(bytes, match.end(), bytes.length));
            }
        }
        throw new DataFormatException(name, "is no whole pixmap (P6) of 8 bits a colour");
    }

    private static Picture of(String name, BufferedImage image) throws IOException {
        int width = image.getWidth();
        int height = image.getHeight();
        var rgb = new byte[width * height * CHANNELS];
        if (image.getColorModel() instanceof IndexColorModel) {
            var row = new int[width];
            for (int y = 0, at = 0; y < height; y++) {
                image.getRGB(0, y, width, 1, row, 0, width);
                for (int pixel : row) {
                    rgb[at++] = (byte) (pixel >> 16);
                    rgb[at++] = (byte) (pixel >> 8);
                    rgb[at++] = (byte) pixel;
                }
            }
            return new Picture(width, height, rgb);
        }
        // The samples themselves: ImageIO's own conversion would apply gamma and profiles.
        var raster = image.getRaster();
        int bands = raster.getNumBands();
        if (image.getSampleModel().getSampleSize(0) != 8 || bands > 4) {
            throw new DataFormatException(
                    name,
                    "has %d bits a colour and %d channels; pictures of 8 bits and up to 4 channels are read"
                            .formatted(image.getSampleModel().getSampleSize(0), bands));
        }
        var row = new int[width * bands];
        for (int y = 0, at = 0; y < height; y++) {
            raster.getPixels(0, y, width, 1, row);
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < CHANNELS; c++) {
                    rgb[at++] = (byte) row[x * bands + (bands < CHANNELS ? 0 : c)];
                }
            }
        }
        return new Picture(width, height, rgb);
    }

    /** A value, 0 to 255. */
    public int at(int x, int y, int channel) {
        return rgb[(y * width + x) * CHANNELS + channel] & 0xff;
    }

    /** The part of this size whose upper left corner is given; black where there is no picture. */
    public Picture part(int left, int top, int newWidth, int newHeight) {
        var part = new byte[newWidth * newHeight * CHANNELS];
        int from = Math.max(0, left);
        int to = Math.min(width, left + newWidth);
        for (int y = Math.max(0, top); y < Math.min(height, top + newHeight); y++) {
            if (from < to) {
                System.arraycopy(
                        rgb,
                        (y * width + from) * CHANNELS,
                        part,
                        ((y - top) * newWidth + from - left) * CHANNELS,
                        (to - from) * CHANNELS);
            }
        }
        return new Picture(newWidth, newHeight, part);
    }

    /** Left and right exchanged. */
    public Picture mirrored() {
        var mirrored = new byte[rgb.length];
        for (int pixel = 0; pixel < width * height; pixel++) {
            int x = pixel % width;
            int other = pixel - x + width - 1 - x;
            System.arraycopy(rgb, pixel * CHANNELS, mirrored, other * CHANNELS, CHANNELS);
        }
        return new Picture(width, height, mirrored);
    }

    /** For a display. */
    public BufferedImage toImage() {
        var image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < width * height; i++) {
            int pixel = at(i % width, i / width, 0) << 16;
            pixel |= at(i % width, i / width, 1) << 8 | at(i % width, i / width, 2);
            image.setRGB(i % width, i / width, pixel);
        }
        return image;
    }
}
