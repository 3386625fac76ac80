package org.lowrank.experiment.run;

import ai.djl.ndarray.NDArray;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import org.lowrank.train.Trained;

/** SHA-256 of values, to tell whether two runs began and ended bit-equal. */
final class ParameterHash {

    private ParameterHash() {}

    /** Of arrays by name. */
    static String of(Map<String, NDArray> arrays) {
        var digest = digest();
        arrays.forEach((name, array) -> add(digest, name, array));
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Of all that a run trains. */
    static String of(Trained trained) {
        var digest = digest();
        for (var stack : trained.stacks()) {
            add(digest, stack.paths() + ".lora_A", stack.loraA());
            add(digest, stack.paths() + ".lora_B", stack.loraB());
        }
        trained.others().forEach((name, array) -> add(digest, name, array));
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void add(MessageDigest digest, String name, NDArray array) {
        digest.update(name.getBytes(StandardCharsets.UTF_8));
        digest.update(array.toByteBuffer());
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no SHA-256", e);
        }
    }
}
