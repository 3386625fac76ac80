package org.lowrank.engine;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Map;
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
        return DigestUtils.getSha256Digest();
    }

    /** The finished digest. */
    public static String hex(MessageDigest digest) {
        return Hex.encodeHexString(digest.digest());
    }
}
