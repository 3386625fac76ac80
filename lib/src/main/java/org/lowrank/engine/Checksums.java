package org.lowrank.engine;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/** SHA-256 in lower-case hexadecimal, as manifests and run records give it. */
public final class Checksums {

    private static final int BUFFER = 1 << 16;

    private Checksums() {}

    /** The hash of bytes. */
    public static String of(byte[] bytes) {
        var digest = digest();
        digest.update(bytes);
        return hex(digest);
    }

    /** The hash of a file. */
    public static String of(Path file) throws IOException {
        var digest = digest();
        try (InputStream in = Files.newInputStream(file)) {
            var buffer = new byte[BUFFER];
            for (var n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        return hex(digest);
    }

    /** The hash of arrays by name, in their order: whether two runs began or ended bit-equal. */
    public static String of(Map<String, NDArray> arrays) {
        var digest = digest();
        arrays.forEach(
                (name, array) -> {
                    digest.update(name.getBytes(StandardCharsets.UTF_8));
                    digest.update(array.toByteBuffer());
                });
        return hex(digest);
    }

    /** A digest to be fed piece by piece. */
    public static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** The finished digest. */
    public static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }
}
