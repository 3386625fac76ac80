package org.lowrank.config;

import com.fasterxml.jackson.databind.node.TextNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Names of files made of names of other things (tasks, methods, labels): different things never get
 * one file, and every name can lie on any disk, on HDFS and in an object store: ASCII letters,
 * digits and {@code . - _ ~}, neither {@code .} nor {@code _} in front, where Hadoop takes a file
 * for hidden.
 */
public final class FileNames {

    private static final HexFormat HEX = HexFormat.of();

    private FileNames() {}

    /**
     * The file name of a label, from which {@link #label} has it back: {@code glue-sst-2} of {@code
     * glue/sst-2}. The first {@code /} is {@code -}; what would read as another label then, and
     * what no name may hold, is {@code ~} and two hexadecimal digits a byte.
     */
    public static String of(String label) {
        var name = new StringBuilder();
        boolean parted = false;
        for (byte b : label.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if (c == '/' && !parted) {
                name.append('-');
                parted = true;
                continue;
            }
            boolean kept =
                    c >= 'a' && c <= 'z'
                            || c >= 'A' && c <= 'Z'
                            || c >= '0' && c <= '9'
                            || (c == '.' || c == '_') && !name.isEmpty()
                            || c == '-' && parted;
            name.append(kept ? String.valueOf(c) : "~" + HEX.toHexDigits(b));
        }
        return name.toString();
    }

    /**
     * The label of a name that {@link #of} made.
     *
     * @throws IllegalArgumentException if it made no such name
     */
    public static String label(String name) {
        var bytes = new ByteArrayOutputStream();
        try {
            boolean parted = false;
            for (int i = 0; i < name.length(); i++) {
                boolean hex = name.charAt(i) == '~';
                if (name.charAt(i) == '-' && !parted) {
                    bytes.write('/');
                    parted = true;
                    continue;
                }
                bytes.write(hex ? HexFormat.fromHexDigits(name, i + 1, i + 3) : name.charAt(i));
                i += hex ? 2 : 0;
            }
        } catch (IndexOutOfBoundsException | NumberFormatException e) {
            throw new IllegalArgumentException("\"" + name + "\" is not the name of a file", e);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /**
     * Short parts of file names for labels of one list: letters and digits alone, {@code +} as
     * {@code Plus}. Labels that would then be one, also where a disk takes capitals and small
     * letters for the same, each carry a mark of their own.
     */
    public static Map<String, String> parts(Collection<String> labels) {
        var same =
                labels.stream()
                        .distinct()
                        .collect(
                                Collectors.groupingBy(
                                        label -> part(label).toLowerCase(Locale.ROOT)));
        var parts = new LinkedHashMap<String, String>();
        for (var label : labels) {
            var part = part(label);
            boolean alone = same.get(part.toLowerCase(Locale.ROOT)).size() == 1;
            parts.put(label, alone && !part.isEmpty() ? part : part + mark(label));
        }
        return Collections.unmodifiableMap(parts);
    }

    private static String part(String label) {
        // AltLoRA and AltLoRA+ are two methods
        return label.replace("+", "Plus").replaceAll("[^A-Za-z0-9]+", "");
    }

    private static String mark(String label) {
        return "-" + Json.hash(TextNode.valueOf(label)).substring(0, 6);
    }
}
