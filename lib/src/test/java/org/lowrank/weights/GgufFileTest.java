package org.lowrank.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lowrank.config.Json;
import org.lowrank.golden.GoldenFiles;

class GgufFileTest {

    private static final float[] A = {0, 0.125f, 0.25f, 0.375f, 0.5f, 0.625f};
    private static final float[] B = {1.5f, -2, 0.25f};

    @TempDir Path folder;

    private static GgufBuilder sound() {
        return new GgufBuilder()
                .meta("general.architecture", "llama")
                .tensor("a.weight", A, 3, 2)
                .tensor("b.weight", B, 3);
    }

    private TensorSource open(GgufBuilder builder) throws IOException {
        return TensorSources.open(Files.write(folder.resolve("some.bin"), builder.file()));
    }

    private void refused(byte[] file, String... parts) throws IOException {
        var path = Files.write(folder.resolve("some.gguf"), file);
        var refusal =
                assertThrows(MalformedFileException.class, () -> TensorSources.open(path).close());
        var message = refusal.getMessage();
        assertTrue(message.startsWith(path + ": "), message);
        for (var part : parts) {
            assertTrue(message.contains(part), message + "\n  lacks: " + part);
        }
    }

    @ParameterizedTest(name = "alignment {0}")
    @ValueSource(ints = {8, 16, 32, 64, 4096})
    void valuesStandWhereTheAlignmentPutsThem(int alignment) throws IOException {
        try (var source = open(sound().alignment(alignment))) {
            assertEquals(List.of("a.weight", "b.weight"), List.copyOf(source.names()));
            assertEquals(List.of(2L, 3L), source.info("a.weight").shape());
            assertArrayEquals(A, source.floats("a.weight"));
            assertArrayEquals(B, source.floats("b.weight"));
            assertArrayEquals(new float[] {0.375f, 0.5f}, source.floats("a.weight", 3, 2));
            assertEquals(12, source.bytes("b.weight", 0, 12).remaining());
            assertThrows(MalformedFileException.class, () -> source.bytes("b.weight", 1, 12));
        }
    }

    @Test
    void metadataOfEveryTypeAreJavaValues() throws IOException {
        var builder =
                sound().version(2)
                        .meta("byte", (byte) -3)
                        .meta("short", (short) -300)
                        .meta("unsigned", -1)
                        .meta("long", -1L << 40)
                        .meta("float", 1e-5f)
                        .meta("double", 0.1)
                        .meta("truth", true)
                        .meta("text", "Straße \0")
                        .meta("none", List.of())
                        .meta("texts", List.of("a", "", "b c"))
                        .meta("lists", List.of(List.of(1, 2), List.of(3)));
        try (var source = open(builder)) {
            var metadata = source.metadata();
            assertEquals("llama", metadata.get("general.architecture"));
            assertEquals(-3L, metadata.get("byte"));
            assertEquals(-300L, metadata.get("short"));
            assertEquals(4294967295L, metadata.get("unsigned"));
            assertEquals(-1L << 40, metadata.get("long"));
            assertEquals(1e-5f, metadata.get("float"));
            assertEquals(0.1, metadata.get("double"));
            assertEquals(true, metadata.get("truth"));
            assertEquals("Straße \0", metadata.get("text"));
            assertEquals(List.of(), metadata.get("none"));
            assertEquals(List.of("a", "", "b c"), metadata.get("texts"));
            assertEquals(List.of(List.of(1L, 2L), List.of(3L)), metadata.get("lists"));
        }
    }

    @TestFactory
    Stream<DynamicTest> filesThatOthersMadeAreReadOrRefusedByPlace() throws IOException {
        var cases = GoldenFiles.path("cases/29-gguf-layout");
        var values = Json.mapper().readTree(cases.resolve("expected.json").toFile()).get("values");
        var refusals =
                Map.of(
                        "align_says_0.gguf", "general.alignment",
                        "align_says_24.gguf", "general.alignment",
                        "big_endian.gguf", "big-endian GGUF (version 3 in swapped order)",
                        "kv_count_huge.gguf", "metadata count",
                        "type_36_removed.gguf", "36 (IQ4_NL_4_4",
                        "type_39_mxfp4.gguf", "39 (MXFP4)",
                        "type_99.gguf", "99 (unknown)",
                        "version1.gguf", "1 is not read");
        try (var files = Files.list(cases)) {
            return files
                    .filter(file -> file.toString().endsWith(".gguf"))
                    .sorted()
                    .toList()
                    .stream()
                    .map(
                            file ->
                                    dynamicTest(
                                            file.getFileName().toString(),
                                            () -> {
                                                var words =
                                                        refusals.get(file.getFileName().toString());
                                                if (words == null) {
                                                    compare(file, values);
                                                } else {
                                                    refused(Files.readAllBytes(file), words);
                                                }
                                            }));
        }
    }

    private static void compare(Path file, JsonNode values) throws IOException {
        try (var source = TensorSources.open(file)) {
            assertEquals(values.size(), source.names().size());
            for (var name : source.names()) {
                var seen = source.floats(name);
                assertEquals(values.get(name).size(), seen.length);
                for (int i = 0; i < seen.length; i++) {
                    assertEquals((float) values.get(name).get(i).asDouble(), seen[i], name);
                }
            }
        }
    }

    @Test
    void whatTheFormatForbidsIsRefusedByPlace() throws IOException {
        refused(sound().bigEndian().file(), "version", "big-endian", "version 3 in swapped order");
        refused(sound().version(1).file(), "version", "1 is not read");
        refused(sound().alignment(0).file(), "general.alignment", "power of two", "but is 0");
        refused(sound().alignment(24).file(), "general.alignment", "but is 24");
        refused(sound().claimEntries(1L << 60).file(), "metadata count", "1152921504606846976");
        refused(sound().claimEntries(-1L << 60).file(), "metadata count");
        for (var type : List.of("36 (IQ4_NL_4_4, removed)", "39 (MXFP4)", "99 (unknown)")) {
            int number = Integer.parseInt(type.split(" ")[0]);
            var file = sound().tensor("c.weight", number, new byte[128], 32).file();
            refused(file, "c.weight", "of type " + type, "these are: F32, F16, Q4_0", "BF16");
        }
        refused(sound().tensor("a.weight", B, 3).file(), "a.weight", "twice");
        refused(sound().tensor("c", B, 1L << 32, 1L << 32).file(), "c", "impossible shape");
        refused(sound().tensor("c", B, -1).file(), "c", "impossible shape");
        refused(sound().tensor("c", B, 4000).file(), "c", "16000 bytes", "fetch it again");
        refused(sound().tensor("c", 8, new byte[34], 16, 2).file(), "c", "[2, 16]", "Q8_0");
        refused(sound().tensor("c", B, 1, 1, 1, 1, 1, 1, 1, 1, 3).file(), "c", "9 axes");
        var whole = sound().file();
        for (int length = 4; length < whole.length - 32; length += 3) {
            refused(Arrays.copyOf(whole, length));
        }
    }

    private void shard(int number, int count, GgufBuilder builder) throws IOException {
        var name = String.format("tiny-%05d-of-%05d.gguf", number + 1, count);
        builder.meta("split.no", number).meta("split.count", count).meta("split.tensors.count", 2);
        Files.write(folder.resolve(name), builder.file());
    }

    private void threeShards() throws IOException {
        shard(0, 3, new GgufBuilder().meta("general.architecture", "llama"));
        shard(1, 3, new GgufBuilder().tensor("a.weight", A, 3, 2));
        shard(2, 3, new GgufBuilder().tensor("output.weight", B, 3));
    }

    @Test
    void everyFileOfASetAndItsFolderOpenTheWholeModel() throws IOException {
        threeShards();
        for (var name : List.of("", "tiny-00001-of-00003.gguf", "tiny-00003-of-00003.gguf")) {
            try (var source = TensorSources.open(folder.resolve(name))) {
                assertEquals(Set.of("a.weight", "output.weight"), source.names());
                assertEquals("llama", source.metadata().get("general.architecture"));
                assertArrayEquals(B, source.floats("output.weight"));
                assertEquals(folder.resolve("tiny-00001-of-00003.gguf"), source.file());
            }
        }
    }

    @Test
    void aSetWithAGapNamesWhatLacks() throws IOException {
        threeShards();
        Files.delete(folder.resolve("tiny-00002-of-00003.gguf"));
        var first = Files.readAllBytes(folder.resolve("tiny-00001-of-00003.gguf"));
        var refusal =
                assertThrows(
                        MalformedFileException.class, () -> TensorSources.open(folder).close());
        for (var part :
                List.of("3 files", "2 tensors", "tiny-00002-of-00003.gguf", "found are 1")) {
            assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
        }
        refused(first, "split.count", "should be named like model-00001-of-00003.gguf");
        threeShards();
        Files.write(folder.resolve("tiny-00002-of-00003.gguf"), first);
        refusal =
                assertThrows(
                        MalformedFileException.class,
                        () -> TensorSources.open(folder.resolve("tiny-00003-of-00003.gguf")));
        assertTrue(refusal.getMessage().contains("found are 1 tensors"), refusal.getMessage());
    }

    /** The values were made by the Python package gguf, see gguf_blocks.py. */
    @Test
    void blocksOfEveryTypeGiveTheReferencesValuesBitByBit() throws IOException {
        var golden = JsonMapper.builder().build();
        var blocks =
                golden.readTree(Path.of("src/test/resources/golden/gguf_blocks.json").toFile())
                        .get("blocks");
        int seen = 0;
        for (var entry : blocks.properties()) {
            var type = TensorType.valueOf(entry.getKey());
            var hex = HexFormat.of();
            var bytes = hex.parseHex(entry.getValue().get("bytes").textValue());
            var expected =
                    ByteBuffer.wrap(hex.parseHex(entry.getValue().get("floats").textValue()))
                            .order(ByteOrder.LITTLE_ENDIAN);
            int number = 0;
            while (GgufTypes.numbered(number) != type) {
                number++;
            }
            int count = expected.remaining() / 4;
            try (var source = open(new GgufBuilder().tensor("w", number, bytes, count))) {
                var values = source.floats("w");
                assertEquals(count, values.length);
                for (int i = 0; i < count; i++) {
                    assertEquals(
                            expected.getInt(4 * i),
                            Float.floatToRawIntBits(values[i]),
                            type + " element " + i);
                }
                assertArrayEquals(
                        Arrays.copyOfRange(values, 5, count - 3),
                        source.floats("w", 5, count - 8),
                        type + ", a range that cuts blocks");
            }
            seen++;
        }
        assertEquals(Arrays.stream(TensorType.values()).filter(TensorType::isBlock).count(), seen);
    }

    @Test
    void aPublishedModelGivesTheReferencesValuesBitByBit() throws IOException {
        var data = System.getenv("LOWRANK_DATA");
        var model = Path.of(data == null ? "" : data, "models/smollm2-135m-instruct");
        Assumptions.assumeTrue(Files.isDirectory(model), "SmolLM2 is not in LOWRANK_DATA");
        try (var source = TensorSources.open(model)) {
            assertEquals(272, source.names().size());
            assertEquals(33, source.metadata().size());
            assertEquals(49152, ((List<?>) source.metadata().get("tokenizer.ggml.tokens")).size());
            assertEquals(List.of(1536L, 576L), source.info("blk.0.ffn_up.weight").shape());
            var checksum = new CRC32();
            long elements = 0;
            for (var name : source.names()) {
                var values = source.floats(name);
                var bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
                bytes.asFloatBuffer().put(values);
                checksum.update(bytes);
                elements += values.length;
            }
            assertEquals(134_515_008, elements);
            assertEquals(CRC, Long.toHexString(checksum.getValue()));
        }
    }

    /** Of all values as float32, by the Python package gguf 0.19. */
    private static final String CRC = "79a02f71";
}
