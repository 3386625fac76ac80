package org.lowrank.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsFileTest {

    @TempDir Path folder;

    @Test
    void readsEveryFloatTypeOfAHandMadeFile() throws IOException {
        // 1.5 and -2 as float32, float16 and bfloat16; 0.1 as float64; -3 as int64
        var header =
                """
                {"__metadata__":{"format":"pt"},
                 "full":{"dtype":"F32","shape":[2],"data_offsets":[16,24]},
                 "half":{"dtype":"F16","shape":[2,1],"data_offsets":[24,28]},
                 "brain":{"dtype":"BF16","shape":[1,2],"data_offsets":[28,32]},
                 "double":{"dtype":"F64","shape":[],"data_offsets":[0,8]},
                 "count":{"dtype":"I64","shape":[1],"data_offsets":[8,16]},
                 "none":{"dtype":"F32","shape":[0,7],"data_offsets":[32,32]}}""";
        var path =
                SafetensorsBytes.write(
                        folder, header, 0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0x3f, 0xfd, 0xff,
                        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0, 0x00,
                        0x3e, 0x00, 0xc0, 0xc0, 0x3f, 0x00, 0xc0);
        try (var file = SafetensorsFile.open(path)) {
            assertArrayEquals(new float[] {1.5f, -2}, file.floats("full"));
            assertArrayEquals(new float[] {1.5f, -2}, file.floats("half"));
            assertArrayEquals(new float[] {1.5f, -2}, file.floats("brain"));
            assertEquals(0.1, file.bytes("double", 0, 8).getDouble());
            assertArrayEquals(new long[] {-3}, WholeNumbers.of(file, "count"));
            assertMessage("elements 2 to 3 asked for, it has 2", () -> file.floats("full", 2, 1));
            assertMessage("asked for", () -> file.floats("full", -1, 1));
            assertMessage("asked for", () -> file.floats("full", Long.MAX_VALUE, 1));
            assertArrayEquals(new float[] {}, file.floats("none"));
            assertArrayEquals(new float[] {-2}, file.floats("half", 1, 1));
            assertEquals(List.of(2L, 1L), file.info("half").shape());
            assertEquals(Map.of("format", "pt"), file.metadata());
            assertEquals(
                    List.of("double", "count", "full", "half", "brain", "none"),
                    List.copyOf(file.names()));
        }
    }

    @Test
    void everyHalfIsItsSignedFractionTimesAPowerOfTwo() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            double sign = bits >= 1 << 15 ? -1 : 1;
            int exponent = bits / 1024 % 32;
            double fraction = bits % 1024;
            double expected =
                    exponent == 31
                            ? (fraction == 0 ? sign / 0.0 : Double.NaN)
                            : exponent == 0
                                    ? sign * fraction * Math.pow(2, -24)
                                    : sign * (1 + fraction / 1024) * Math.pow(2, exponent - 15);
            assertEquals(expected, TensorType.halfToFloat((short) bits), "bits " + bits);
        }
    }

    @Test
    void readsBeyondTwoGigabytesInPieces() throws IOException {
        // A sparse file: 2.5 GB of zeros that take no place on the disk, then four numbers.
        long filler = 625_000_000L;
        var header =
                """
                {"filler":{"dtype":"F32","shape":[%d],"data_offsets":[0,%d]},
                 "tail":{"dtype":"F32","shape":[4],"data_offsets":[%d,%d]}}"""
                        .formatted(filler, filler * 4, filler * 4, filler * 4 + 16);
        var path = Files.write(folder.resolve("large"), SafetensorsBytes.file(header, new byte[0]));
        var tail = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
        tail.putFloat(7).putFloat(8).putFloat(1).putFloat(2).putFloat(3).putFloat(4).flip();
        try (var channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.write(tail, channel.size() + filler * 4 - 8);
        }
        try (var file = SafetensorsFile.open(path)) {
            assertArrayEquals(new float[] {1, 2, 3, 4}, file.floats("tail"));
            assertArrayEquals(new float[] {0, 7, 8}, file.floats("filler", filler - 3, 3));
            // across a window, through a map
            var part = file.floats("filler", filler - 20_000_000, 20_000_000);
            assertEquals(8, part[part.length - 1]);
            assertEquals(0, part[0]);
        }
    }

    @Test
    void refusesToLosePrecisionAndToReadOutsideATensor() throws IOException {
        var path =
                SafetensorsBytes.write(
                        folder,
                        "{\"w\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}}",
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0);
        try (var file = SafetensorsFile.open(path)) {
            assertMessage("w: is F64", () -> file.floats("w"));
            assertMessage("v: there is no tensor of this name", () -> file.floats("v"));
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
        [1,2]                                                              | header: must begin
        {} {}                                                              | header: there is text after
        {"a":1}                                                            | a: expected START_OBJECT
        {"a":{}}                                                           | a: needs dtype, shape and data_offsets
        {"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}             | a.dtype: unknown type 'F31'
        {"a":{"dtype":7,"shape":[1],"data_offsets":[0,4]}}                 | a.dtype: expected VALUE_STRING
        {"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}            | a.shape: -1 is not between
        {"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}           | a.shape: must hold whole numbers
        {"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}} | a.shape: 9223372036854775808 is not
        {"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}} | a.shape: [4611686018427387904, 4] overflows
        {"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}             | a.data_offsets: [4, 0] should span the 4 bytes
        {"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}               | a.data_offsets: needs two numbers
        {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}             | a.data_offsets: [0, 4] should span the 8 bytes of F32 [2]
        {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"b":1}}       | a.b: a tensor has no such field
        {"a":{"dtype":"I8","shape":[1],"data_offsets":[1,2]}}              | a.data_offsets: leaves a gap
        {"a":{"dtype":"I8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"I8","shape":[3],"data_offsets":[1,4]}} | b.data_offsets: overlaps
        {"a":{"dtype":"I8","shape":[2],"data_offsets":[0,2]}}              | describes 2 bytes of tensors, but 4 bytes follow
        {"a":{"dtype":"I8","shape":[8],"data_offsets":[0,8]}}              | describes 8 bytes of tensors, but 4 bytes follow
        {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} | Duplicate field 'a'
        {"__metadata__":{"k":1},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} | __metadata__.k: expected VALUE_STRING
        {"__metadata__":{"k":{"k":{"k":{}}}}}                              | __metadata__.k: expected VALUE_STRING
        {"a                                                                | header:
        """)
    void refusesADamagedHeaderAndSaysWhere(String header, String message) throws IOException {
        var path = SafetensorsBytes.write(folder, header, 0, 0, 0, 0);
        assertMessage("hand.safetensors: ", () -> SafetensorsFile.open(path).close());
        assertMessage(message, () -> SafetensorsFile.open(path).close());
    }

    @Test
    void refusesHeaderLengthsThatTheFileCannotHold() throws IOException {
        for (long length : new long[] {0, 1, 17, 100_000_001, 1L << 40, -1, Long.MIN_VALUE}) {
            var bytes = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
            var path = Files.write(folder.resolve("length"), bytes.array());
            assertMessage("length: header length: ", () -> SafetensorsFile.open(path).close());
        }
        var shorter = Files.write(folder.resolve("short"), new byte[7]);
        assertMessage("the file has only 7", () -> SafetensorsFile.open(shorter).close());
    }

    @Test
    void refusesTextThatIsNotUtf8() throws IOException {
        var bytes = SafetensorsBytes.file("{\"\u00e4\":0}", new byte[0]);
        bytes[10] = (byte) 0xc3;
        bytes[11] = '"';
        var path = Files.write(folder.resolve("latin"), bytes);
        assertMessage("header: not UTF-8 text", () -> SafetensorsFile.open(path).close());
        var wide = "{ }".getBytes(StandardCharsets.UTF_16LE);
        var other = ByteBuffer.allocate(8 + wide.length).order(ByteOrder.LITTLE_ENDIAN);
        var widePath =
                Files.write(folder.resolve("wide"), other.putLong(wide.length).put(wide).array());
        assertThrows(MalformedFileException.class, () -> SafetensorsFile.open(widePath).close());
    }

    @Test
    void writesWhatTheReferenceImplementationWrites() throws IOException {
        // worked out by hand from the format: 62 bytes of header and 2 of filling
        var path = folder.resolve("attn.safetensors");
        SafetensorsWriter.write(
                path, Map.of("attn.0", TensorData.of(new float[] {0, 1, 2}, 1, 3)), Map.of());
        var header = "{\"attn.0\":{\"dtype\":\"F32\",\"shape\":[1,3],\"data_offsets\":[0,12]}}  ";
        assertEquals(64, header.length());
        var data =
                new byte[] {
                    0, 0, 0, 0, 0, 0, (byte) 0x80, 0x3f, 0, 0, 0, 0x40,
                };
        assertArrayEquals(SafetensorsBytes.file(header, data), Files.readAllBytes(path));
    }

    @Test
    void sortsWiderTypesFirstThenNamesAndGivesTheSameBytesTwice() throws IOException {
        var b = TensorData.of(new float[] {1}, 1);
        var wide = new TensorData(TensorType.F64, List.of(1L), out -> out.write(new byte[8]));
        var first = folder.resolve("first");
        var second = folder.resolve("second");
        SafetensorsWriter.write(first, Map.of("b", b, "a", b, "z", wide));
        SafetensorsWriter.write(second, Map.of("z", wide, "a", b, "b", b));
        assertArrayEquals(Files.readAllBytes(first), Files.readAllBytes(second));
        try (var file = SafetensorsFile.open(first)) {
            assertEquals(List.of("z", "a", "b"), List.copyOf(file.names()));
            assertEquals(Map.of("format", "pt"), file.metadata());
        }
        var bytes = Files.readAllBytes(first);
        assertEquals(0, bytes[0] % 8, "tensors begin at a multiple of 8");
    }

    @Test
    void aFailedWriteLeavesTheOldFileAndNoScrap() throws IOException {
        var path = folder.resolve("kept");
        SafetensorsWriter.write(path, Map.of("a", TensorData.of(new float[] {1}, 1)));
        var before = Files.readAllBytes(path);
        var wrong = TensorData.of(new float[] {1, 2}, 3);
        var refusal =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> SafetensorsWriter.write(path, Map.of("a", wrong)));
        assertEquals("a: 8 bytes given for F32 [3]", refusal.getMessage());
        assertArrayEquals(before, Files.readAllBytes(path));
        try (var files = Files.list(folder)) {
            assertEquals(Set.of(path), Set.copyOf(files.toList()));
        }
    }

    @Test
    void anOpenFileThatIsCutShorterIsReported() throws IOException {
        var path = folder.resolve("cut");
        SafetensorsWriter.write(path, Map.of("a", TensorData.of(new float[1 << 19], 1 << 19)));
        try (var file = SafetensorsFile.open(path)) {
            try (var channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
                channel.truncate(1000);
            }
            var large = assertThrows(IOException.class, () -> file.floats("a"));
            var small = assertThrows(IOException.class, () -> file.floats("a", 1000, 1));
            assertTrue(large.getMessage().contains("cut shorter"), large.getMessage());
            assertTrue(small.getMessage().contains("cut shorter"), small.getMessage());
        }
        assertFalse(Files.exists(folder.resolve("cut.part")));
    }

    static void assertMessage(String part, org.junit.jupiter.api.function.Executable executable) {
        var refusal = assertThrows(MalformedFileException.class, executable);
        assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
    }
}
