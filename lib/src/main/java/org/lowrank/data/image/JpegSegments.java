package org.lowrank.data.image;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The segments before the first scan of a JPEG file, changed so that ImageIO decodes what libjpeg
 * does: it would convert the colours of an embedded profile, and take three channels of equal size
 * for red, green and blue where neither JFIF nor Exif nor Adobe's segment says what they are.
 */
final class JpegSegments {

    private static final int PREFIX = 0xff;
    private static final int START = 0xd8;
    private static final int SCAN = 0xda;
    private static final int JFIF = 0xe0;
    private static final int EXIF = 0xe1;
    private static final int PROFILE = 0xe2;
    private static final int ADOBE = 0xee;

    /** A JFIF segment of version 1.1 without a resolution or a small picture. */
    private static final byte[] NAMED = {
        (byte) PREFIX, (byte) JFIF, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0
    };

    private JpegSegments() {}

    static boolean isJpeg(byte[] bytes) {
        return bytes.length > 3 && at(bytes, 0) == PREFIX && at(bytes, 1) == START;
    }

    /** The file without a profile, and with a word on its channels; damaged ones as they are. */
    static byte[] plain(byte[] bytes) {
        var kept = new ByteArrayOutputStream(bytes.length);
        boolean said = false;
        int at = 2;
        while (at + 4 <= bytes.length && at(bytes, at) == PREFIX) {
            int marker = at(bytes, at + 1);
            if (marker == SCAN) {
                return joined(said, kept.toByteArray(), bytes, at);
            }
            int end = at + 2 + (at(bytes, at + 2) << 8 | at(bytes, at + 3));
            if (marker < 0xc0 || marker == PREFIX || end > bytes.length || end < at + 4) {
                return bytes;
            }
            said |= marker == JFIF && begins(bytes, at, "JFIF\0");
            said |= marker == EXIF && begins(bytes, at, "Exif\0");
            said |= marker == ADOBE && begins(bytes, at, "Adobe");
            if (marker != PROFILE || !begins(bytes, at, "ICC_PROFILE\0")) {
                kept.write(bytes, at, end - at);
            }
            at = end;
        }
        return bytes;
    }

    private static byte[] joined(boolean said, byte[] segments, byte[] bytes, int scan) {
        var whole = new ByteArrayOutputStream(bytes.length + NAMED.length);
        whole.write(bytes, 0, 2);
        if (!said) {
            whole.writeBytes(NAMED);
        }
        whole.writeBytes(segments);
        whole.write(bytes, scan, bytes.length - scan);
        return whole.toByteArray();
    }

    private static boolean begins(byte[] bytes, int segment, String name) {
        var wanted = name.getBytes(StandardCharsets.US_ASCII);
        int from = segment + 4;
        return from + wanted.length <= bytes.length
                && Arrays.equals(bytes, from, from + wanted.length, wanted, 0, wanted.length);
    }

    private static int at(byte[] bytes, int index) {
        return bytes[index] & 0xff;
    }
}
