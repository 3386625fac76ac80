package org.lowrank.config;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * A file that is not what its name says: a pointer to it, a web page, an archive around it. Told by
 * its first bytes, for every reader that refuses a file; the sentence says what the file is and
 * what to do.
 */
public final class Impostor {

    private static final int HEAD = 512;
    private static final int SHOWN = 40;
    private static final String FIRST_PICKLE_OPCODES = "}](cXU\u008a\u008c\u0095";

    private Impostor() {}

    /**
     * What a file is that should hold numbers; empty if nothing is to be told.
     *
     * @param bytes the file's first bytes, 512 of them if it has so many
     */
    public static Optional<String> inPlaceOfBinary(byte[] bytes) {
        if (bytes.length == 0) {
            return Optional.of(
                    "it is empty: the download or the copy did not begin; fetch it again");
        }
        // a header of safetensors may have any length, also one that looks like another's mark
        boolean safetensors =
                bytes.length > 8
                        && bytes[8] == '{'
                        && bytes[7] == 0
                        && bytes[6] == 0
                        && bytes[5] == 0;
        var head = head(bytes);
        return safetensors ? Optional.empty() : either(head).or(() -> plainText(head));
    }

    /** What a file is that should hold text; empty if nothing is to be told. */
    public static Optional<String> inPlaceOfText(byte[] bytes) {
        var head = head(bytes);
        return either(head).or(() -> wideText(head));
    }

    private static Optional<String> either(byte[] head) {
        var text = new String(head, StandardCharsets.ISO_8859_1);
        var lower = text.strip().toLowerCase(Locale.ROOT);
        String what = null;
        if (lower.startsWith("version https://git-lfs.")) {
            what =
                    "it is a Git LFS pointer, which stands for the file: run git lfs pull in its"
                            + " repository, or download the file itself";
        } else if (lower.startsWith("<!doctype html") || lower.startsWith("<html")) {
            what =
                    "it is an HTML page, a web page that perhaps asks for a login or reports an"
                            + " error: open the address in a browser and download the file itself";
        } else if (lower.startsWith("<?xml")) {
            what = "it is an XML document, perhaps an error of the server: fetch the file again";
        } else if (text.startsWith("PK\3\4")) {
            what =
                    "it is a zip archive; PyTorch's .bin, .pt and .pth files are such: convert it"
                            + " with safetensors.torch.save_file, or unpack it if it is a plain zip";
        } else if (isPickle(head)) {
            what =
                    "it is a Python pickle, which can run code and is not read: load it with"
                            + " torch.load(weights_only=True) and save it with"
                            + " safetensors.torch.save_file";
        } else if (text.startsWith("\u001f\u008b")) {
            what = "it is compressed with gzip: unpack it with gunzip";
        } else if (text.startsWith("PAR1")) {
            what = "it is a Parquet file";
        } else if (text.startsWith("BZh")) {
            what = "it is compressed with bzip2: unpack it with bunzip2";
        } else if (text.startsWith("\u00fd7zXZ\0")) {
            what = "it is compressed with xz: unpack it with unxz";
        } else if (text.startsWith("(\u00b5/\u00fd")) {
            what = "it is compressed with Zstandard: unpack it with unzstd";
        } else if (text.startsWith("\u0089HDF\r\n")) {
            what = "it is an HDF5 file of Keras: save the model as safetensors";
        } else if (text.length() > 262 && text.startsWith("ustar", 257)) {
            what = "it is a tar archive: unpack it with tar -xf";
        }
        return Optional.ofNullable(what);
    }

    private static boolean isPickle(byte[] head) {
        return head.length > 2
                && head[0] == (byte) 0x80
                && head[1] >= 2
                && head[1] <= 5
                && FIRST_PICKLE_OPCODES.indexOf(head[2] & 0xff) >= 0;
    }

    private static Optional<String> plainText(byte[] head) {
        for (byte b : head) {
            if (b < ' ' && b != '\n' && b != '\r' && b != '\t') {
                return Optional.empty();
            }
        }
        var start = new String(head, StandardCharsets.ISO_8859_1).lines().findFirst().orElse("");
        return Optional.of(
                "it is a text, where numbers were expected; it begins with '"
                        + start.substring(0, Math.min(SHOWN, start.length()))
                        + "'");
    }

    private static Optional<String> wideText(byte[] head) {
        boolean wide =
                head.length > 1
                        && (head[0] == (byte) 0xff && head[1] == (byte) 0xfe
                                || head[0] == (byte) 0xfe && head[1] == (byte) 0xff
                                || head[0] == 0 ^ head[1] == 0);
        return wide ? Optional.of("it is in UTF-16: save it as UTF-8") : Optional.empty();
    }

    private static byte[] head(byte[] bytes) {
        return bytes.length <= HEAD ? bytes : Arrays.copyOf(bytes, HEAD);
    }
}
