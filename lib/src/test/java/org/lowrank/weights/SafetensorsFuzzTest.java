package org.lowrank.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged files: each is read rightly or refused by name. A thousand of each kind; ten thousand in
 * the long form: {@code mvn -pl lib test -Dtest=*FuzzTest -Dgroups=soak -DexcludedGroups=}.
 */
class SafetensorsFuzzTest {

    private static final int SHORT = 1_000;
    private static final int LONG = 10_000;

    private static final List<String> NUMBERS =
            List.of(
                    "-1",
                    "-9223372036854775808",
                    "9223372036854775807",
                    "9223372036854775808",
                    "18446744073709551615",
                    "1e308",
                    "4294967296",
                    "1e400",
                    "null",
                    "\"4\"",
                    "9".repeat(5000),
                    "[[[[[[[[[[[[[[[[[[[[0]]]]]]]]]]]]]]]]]]]]");

    private static final String HEADER =
            """
            {"__metadata__":{"format":"pt"},\
            "layer.lora_A.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},\
            "layer.lora_B.weight":{"dtype":"F16","shape":[4,2],"data_offsets":[24,40]},\
            "ids":{"dtype":"I64","shape":[2],"data_offsets":[40,56]}}""";

    private final RandomGenerator random =
            RandomGeneratorFactory.of("Xoshiro256PlusPlus").create(20_240_718L);

    @TempDir Path folder;

    @Test
    void everyMutatedFileIsReadRightlyOrRefusedByName() {
        mutateFiles(SHORT);
    }

    @Test
    @Tag("soak")
    void everyOneOfTenThousandMutatedFilesIsReadRightlyOrRefusedByName() {
        mutateFiles(LONG);
    }

    private void mutateFiles(int files) {
        assertTimeoutPreemptively(
                Duration.ofMinutes(5),
                () -> {
                    int refused = 0;
                    for (int i = 0; i < files; i++) {
                        refused += isRefused(mutated(i % 6)) ? 1 : 0;
                    }
                    // Flipped data bits make a valid file; damaged headers seldom do.
                    assertTrue(refused > files / 2, refused + " refused");
                    assertTrue(refused < files, "some mutations leave a readable file");
                });
    }

    @Test
    void everyMutatedIndexIsReadRightlyOrRefusedByName() {
        mutateIndexes(SHORT);
    }

    @Test
    @Tag("soak")
    void everyOneOfTenThousandMutatedIndexesIsReadRightlyOrRefusedByName() {
        mutateIndexes(LONG);
    }

    private void mutateIndexes(int files) {
        var sound = "{\"metadata\":{\"total_size\":4},\"weight_map\":{\"a\":\"m-1.safetensors\"}}";
        assertTimeoutPreemptively(
                Duration.ofMinutes(5),
                () -> {
                    SafetensorsWriter.write(
                            folder.resolve("m-1.safetensors"),
                            Map.of("a", TensorData.of(new float[] {1}, 1)));
                    var index = folder.resolve(ShardedSafetensors.INDEX);
                    int refused = 0;
                    for (int i = 0; i < files; i++) {
                        var bytes = sound.getBytes(StandardCharsets.UTF_8);
                        Files.write(
                                index,
                                switch (i % 3) {
                                    case 0 -> flipped(bytes, 0, bytes.length);
                                    case 1 -> Arrays.copyOf(bytes, random.nextInt(bytes.length));
                                    default -> replacedNumber(sound).getBytes();
                                });
                        try (var model = ShardedSafetensors.open(index)) {
                            for (var name : model.names()) {
                                assertEquals(1f, model.floats(name)[0]);
                            }
                        } catch (MalformedFileException e) {
                            assertTrue(e.getMessage().startsWith(folder.toString()));
                            refused++;
                        }
                    }
                    assertTrue(refused > files / 3 && refused < files, refused + " refused");
                });
    }

    private byte[] mutated(int kind) {
        var data = new byte[56];
        random.nextBytes(data);
        var whole = SafetensorsBytes.file(HEADER, data);
        int headerEnd = whole.length - data.length;
        return switch (kind) {
            case 0 -> Arrays.copyOf(whole, random.nextInt(whole.length));
            case 1 -> flipped(whole, 0, whole.length);
            case 2 -> flipped(whole, 8, headerEnd);
            case 3 -> {
                long length = random.nextLong() >>> random.nextInt(64);
                ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
                yield whole;
            }
            case 4 -> SafetensorsBytes.file(replacedNumber(HEADER), data);
            default -> SafetensorsBytes.file(spliced(), data);
        };
    }

    private byte[] flipped(byte[] bytes, int from, int to) {
        for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
            bytes[random.nextInt(from, to)] ^= (byte) (1 << random.nextInt(8));
        }
        return bytes;
    }

    private String replacedNumber(String text) {
        var parts = text.split("(?<=[\\[,:])(?=\\d)|(?<=\\d)(?=[\\],}])");
        int number;
        do {
            number = random.nextInt(parts.length);
        } while (!parts[number].matches("\\d+"));
        parts[number] =
                random.nextInt(4) == 0
                        ? Long.toString(random.nextInt(64))
                        : NUMBERS.get(random.nextInt(NUMBERS.size()));
        return String.join("", parts);
    }

    /** A piece of the header cut out, doubled, or nested deeply. */
    private String spliced() {
        int from = random.nextInt(HEADER.length());
        int to = random.nextInt(from, HEADER.length());
        var piece = HEADER.substring(from, to);
        var middle =
                switch (random.nextInt(3)) {
                    case 0 -> "";
                    case 1 -> piece + piece;
                    default -> "{\"a\":".repeat(random.nextInt(2000));
                };
        return HEADER.substring(0, from) + middle + HEADER.substring(to);
    }

    private boolean isRefused(byte[] bytes) throws IOException {
        var path = Files.write(folder.resolve("mutated.safetensors"), bytes);
        try (var file = SafetensorsFile.open(path)) {
            for (var name : file.names()) {
                checkAgainstBytes((MappedTensors) file, name, ByteBuffer.wrap(bytes));
            }
            return false;
        } catch (MalformedFileException e) {
            assertTrue(e.getMessage().startsWith(path + ": "), e.getMessage());
            assertTrue(e.getMessage().split(": ", 3).length == 3, e.getMessage());
            return true;
        }
    }

    private static void checkAgainstBytes(MappedTensors file, String name, ByteBuffer bytes)
            throws IOException {
        var info = file.info(name);
        bytes.order(ByteOrder.LITTLE_ENDIAN).position((int) file.place(name).begin());
        if (info.type() == TensorType.F32) {
            for (float value : file.floats(name)) {
                assertEquals(bytes.getInt(), Float.floatToRawIntBits(value));
            }
        } else if (info.type() == TensorType.I64) {
            for (long value : WholeNumbers.of(file, name)) {
                assertEquals(bytes.getLong(), value);
            }
        } else if (info.type().isFloat()) {
            assertEquals(info.elements(), file.floats(name).length);
        }
    }
}
