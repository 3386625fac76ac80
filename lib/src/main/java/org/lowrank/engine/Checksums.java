package org.lowrank.engine;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.commons.codec.binary.Hex;
import org.apache.commons.codec.digest.DigestUtils;

/** SHA-256 in lower-case hexadecimal, as manifests and run records give it. */
public final class Checksums {

    private Checksums() {}

    /** The hash of bytes. */
    public static String of(byte[] bytes) {
        return DigestUtils.sha256Hex(bytes);
    }

    /** The hash of a file. */
    public static String of(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return DigestUtils.sha256Hex(in);
        }
    }

    /** Values of an array that are looked at at once. */
    private static final long PIECE = 1 << 20;

    /**
     * The bytes of an array in their order, piece by piece: no second copy of a large array is ever
     * held, and one of more bytes than a buffer takes is read too.
     */
    public static void read(NDArray array, Consumer<ByteBuffer> reader) {
        long rows = array.getShape().dimension() == 0 ? 0 : array.getShape().get(0);
        if (rows == 0) {
            reader.accept(array.toByteBuffer());
            return;
        }
        long atOnce = Math.max(1, PIECE * rows / Math.max(1, array.size()));
        for (long first = 0; first < rows; first += atOnce) {
            try (var piece = array.get(first + ":" + Math.min(rows, first + atOnce))) {
                reader.accept(piece.toByteBuffer());
            }
        }
    }

    /** The hash of arrays by name, in their order: whether two runs began or ended bit-equal. */
    public static String of(Map<String, NDArray> arrays) {
        var digest = digest();
        arrays.forEach(
                (name, array) -> {
                    digest.update(name.getBytes(StandardCharsets.UTF_8));
                    read(array, digest::update);
                });
        return hex(digest);
    }

    /** A digest to be fed piece by piece. */
    public static MessageDigest digest() {
        return DigestUtils.getSha256Digest();
    }

    /** The finished digest. */
    public static String hex(MessageDigest digest) {
        return Hex.encodeHexString(digest.digest());
    }
}
