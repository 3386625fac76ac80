package org.lowrank.pins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The pinned files and how they are compared. */
final class Pins {

    static final Path FOLDER = Path.of("src/test/resources/pins");
    static final Path FIGURES = Path.of("../figures/cpu");
    static final Path TABLES = Path.of("../notebooks/tables");

    /** Of the largest value of an array: float32 sums in another order. 0 asks for equal bits. */
    private static final double TOLERANCE =
            Double.parseDouble(System.getProperty("lowrank.pins.tolerance", "1e-6"));

    /**
     * The same after some steps of training: between the SSE, AVX2 and AVX-512 kernels of one
     * processor the runs differ by up to 7e-6.
     */
    static final double OF_A_RUN = 2e-5;

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Pins() {}

    /** SHA-256 over the sorted lines. */
    static String digest(Collection<String> lines) {
        var text = String.join("\n", lines.stream().sorted().toList());
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static List<String> lines(String name) throws IOException {
        return Files.readAllLines(FOLDER.resolve(name));
    }

    static void write(String name, List<String> lines) throws IOException {
        var file = FOLDER.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, String.join("\n", lines) + "\n");
    }

    /** Arrays by name, as {@link #write(String, Map)} left them. */
    static Map<String, float[]> arrays(String name) throws IOException {
        return MAPPER.readValue(
                FOLDER.resolve(name).toFile(), new TypeReference<TreeMap<String, float[]>>() {});
    }

    /** One array a line. */
    static void write(String name, Map<String, float[]> arrays) throws IOException {
        var text = new StringBuilder("{");
        for (var array : new TreeMap<>(arrays).entrySet()) {
            text.append(text.length() == 1 ? "\n" : ",\n");
            text.append(MAPPER.writeValueAsString(array.getKey())).append(": ");
            text.append(MAPPER.writeValueAsString(array.getValue()));
        }
        write(name, List.of(text.append("\n}").toString()));
    }

    static void assertClose(Map<String, float[]> expected, Map<String, float[]> actual) {
        assertClose(TOLERANCE, expected, actual);
    }

    static void assertClose(
            double tolerance, Map<String, float[]> expected, Map<String, float[]> actual) {
        assertEquals(expected.keySet(), actual.keySet());
        expected.forEach((name, values) -> assertClose(tolerance, name, values, actual.get(name)));
    }

    private static void assertClose(
            double tolerance, String name, float[] expected, float[] actual) {
        assertEquals(expected.length, actual.length, name);
        double largest = 0;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < expected.length; i++) {
            int index = i;
            double difference = Math.abs((double) expected[i] - actual[i]);
            assertTrue(
                    difference <= tolerance * largest,
                    () ->
                            name
                                    + "["
                                    + index
                                    + "]: pinned "
                                    + expected[index]
                                    + ", now "
                                    + actual[index]);
        }
    }
}
