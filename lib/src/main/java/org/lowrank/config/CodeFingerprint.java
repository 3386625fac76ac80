package org.lowrank.config;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * Names the code of a class and of all classes that it uses and that came from the same place: the
 * cells of a notebook, or a program of its own beside this library. Equal text gives equal
 * fingerprints, in another session too: what only says where a cell stood is left out (the running
 * numbers of JShell's classes, numbers of lines).
 *
 * <p>Values that the code finds outside its own text, such as a variable that a later cell changes,
 * are not part of it: they should be options.
 */
public final class CodeFingerprint {

    /** JShell's class of the n-th snippet, for example {@code $JShell$12B}. */
    private static final Pattern SNIPPET = Pattern.compile("\\$JShell\\$\\w+");

    /** JShell's variable for the value of an expression. */
    private static final Pattern TEMPORARY = Pattern.compile("\\$\\d+");

    private static final Set<String> PLACES =
            Set.of("LineNumberTable", "SourceFile", "SourceDebugExtension");
    private static final int LENGTH = 16;

    private final DataInputStream in;
    private final DataOutputStream out;
    private final List<String> texts = new ArrayList<>();
    private final List<Integer> classIndices = new ArrayList<>();

    private CodeFingerprint(byte[] classFile, ByteArrayOutputStream kept) {
        in = new DataInputStream(new ByteArrayInputStream(classFile));
        out = new DataOutputStream(kept);
    }

    /**
     * The fingerprint, 16 hex digits. Where a class loader does not give its classes' bytes, one
     * that no other session has: better a run too many than a result of other code.
     *
     * @param behind a class of the code; for the class of a lambda, the class that it stands in
     */
    public static String of(Class<?> behind) {
        return of(behind, "");
    }

    /**
     * The same of code and of what it was given to hold, such as the rows of a table.
     *
     * @param contents all of it, or a hash of it; alone where the class is the library's own
     */
    public static String of(Class<?> behind, String contents) {
        var own = isOfTheLibrary(behind) ? "" : ofClasses(behind);
        return contents.isEmpty() && !own.isEmpty()
                ? own
                : DigestUtils.sha256Hex(own + " " + contents).substring(0, LENGTH);
    }

    private static boolean isOfTheLibrary(Class<?> type) {
        return type.getClassLoader() == CodeFingerprint.class.getClassLoader()
                && Objects.equals(
                        type.getProtectionDomain().getCodeSource(),
                        CodeFingerprint.class.getProtectionDomain().getCodeSource());
    }

    private static String ofClasses(Class<?> behind) {
        var first = behind.getNestHost();
        var seen = new HashSet<String>(Set.of(first.getName()));
        var open = new ArrayDeque<Class<?>>(List.of(first));
        var digests = new ArrayList<String>();
        while (!open.isEmpty()) {
            var type = open.remove();
            var kept = new ByteArrayOutputStream();
            try (var file = type.getResourceAsStream("/" + slashed(type.getName()) + ".class")) {
                if (file == null) {
                    return UUID.randomUUID().toString().replace("-", "").substring(0, LENGTH);
                }
                for (var name : new CodeFingerprint(file.readAllBytes(), kept).read()) {
                    if (seen.add(name)) {
                        sibling(name, first).ifPresent(open::add);
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            digests.add(DigestUtils.sha256Hex(kept.toByteArray()));
        }
        Collections.sort(digests);
        return DigestUtils.sha256Hex(String.join(" ", digests)).substring(0, LENGTH);
    }

    private static Optional<Class<?>> sibling(String name, Class<?> first) {
        try {
            var type = Class.forName(name, false, first.getClassLoader());
            boolean here =
                    type.getClassLoader() == first.getClassLoader()
                            && Objects.equals(
                                    type.getProtectionDomain().getCodeSource(),
                                    first.getProtectionDomain().getCodeSource());
            return here ? Optional.of(type) : Optional.empty();
        } catch (ClassNotFoundException | LinkageError e) {
            return Optional.empty();
        }
    }

    private static String slashed(String name) {
        return name.replace('.', '/');
    }

    /** Copies what counts; returns the names of the classes that this one mentions. */
    private List<String> read() throws IOException {
        in.skipNBytes(8); // magic and version
        constants();
        copy(6); // access, name, super
        copy(2 * keptShort());
        for (int members = 0; members < 2; members++) {
            int count = keptShort();
            for (int i = 0; i < count; i++) {
                copy(6);
                attributes();
            }
        }
        attributes();
        return classIndices.stream()
                .map(texts::get)
                .map(name -> name.replaceAll("^\\[+L|;$", ""))
                .filter(name -> !name.startsWith("["))
                .map(name -> name.replace('/', '.'))
                .toList();
    }

    private void constants() throws IOException {
        int count = in.readUnsignedShort();
        texts.add(null);
        while (texts.size() < count) {
            int tag = keptByte();
            texts.add(null);
            switch (tag) {
                case 1 -> text();
                case 3, 4, 9, 10, 11, 12, 17, 18 -> copy(4);
                case 5, 6 -> {
                    copy(8);
                    texts.add(null); // these take two places
                }
                case 7 -> classIndices.add(keptShort());
                case 8, 16, 19, 20 -> copy(2);
                case 15 -> copy(3);
                default -> throw new IOException("constant of kind " + tag);
            }
        }
    }

    private void text() throws IOException {
        var text = in.readUTF();
        texts.set(texts.size() - 1, text);
        var kept = SNIPPET.matcher(text).replaceAll("\\$JShell\\$");
        out.writeUTF(TEMPORARY.matcher(kept).matches() ? "$" : kept);
    }

    private void attributes() throws IOException {
        int count = in.readUnsignedShort();
        for (int i = 0; i < count; i++) {
            var name = texts.get(in.readUnsignedShort());
            int length = in.readInt();
            if (PLACES.contains(name)) {
                in.skipNBytes(length);
            } else if (name.equals("Code")) {
                out.writeUTF(name);
                copy(4);
                int code = in.readInt();
                out.writeInt(code);
                copy(code);
                copy(8 * keptShort());
                attributes();
            } else {
                out.writeUTF(name);
                copy(length);
            }
        }
    }

    private int keptByte() throws IOException {
        int value = in.readUnsignedByte();
        out.writeByte(value);
        return value;
    }

    private int keptShort() throws IOException {
        int value = in.readUnsignedShort();
        out.writeShort(value);
        return value;
    }

    private void copy(int bytes) throws IOException {
        out.write(in.readNBytes(bytes));
    }
}
