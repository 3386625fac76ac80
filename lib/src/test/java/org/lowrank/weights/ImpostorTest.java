package org.lowrank.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.lowrank.config.JsonDocument;

/** A file that is not what its name says is named as what it is, with the cure, by every reader. */
class ImpostorTest {

    @TempDir Path folder;

    private static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] zip() throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("archive/data.pkl"));
            zip.write(1);
        }
        return out.toByteArray();
    }

    private static byte[] gzip() throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(latin("{\"a\": 1}"));
        }
        return out.toByteArray();
    }

    static Stream<Arguments> files() throws IOException {
        return Stream.of(
                Arguments.of(
                        latin(
                                "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize"
                                        + " 1\n"),
                        "Git LFS pointer",
                        "run git lfs pull"),
                Arguments.of(latin("\n<!doctype HTML><p>"), "HTML page", "download the file"),
                Arguments.of(latin("<?xml version='1.0'?>"), "XML", "fetch"),
                Arguments.of(zip(), "zip archive", "convert it"),
                Arguments.of(latin("\u0080\2}q\0."), "Python pickle", "save_file"),
                Arguments.of(latin("\u0080\2\u008a\nl\u00fc"), "Python pickle", "save_file"),
                Arguments.of(gzip(), "gzip", "gunzip"),
                Arguments.of(latin("\u00fd7zXZ\0\0"), "xz", "unxz"),
                Arguments.of(latin("PAR1\25\4\25"), "Parquet", ""));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("files")
    void everyReaderSaysWhatItIsAndTheCure(byte[] bytes, String what, String cure)
            throws IOException {
        for (var name :
                List.of(
                        "model.safetensors",
                        "model.gguf",
                        "model.onnx",
                        "some.index",
                        "model.bin",
                        "model.safetensors.index.json")) {
            var file = Files.write(folder.resolve(name), bytes);
            var error = assertThrows(MalformedFileException.class, () -> TensorSources.open(file));
            assertTrue(error.getMessage().startsWith(file + ": "), error.getMessage());
            assertTrue(error.getMessage().contains(what), error.getMessage());
            assertTrue(error.getMessage().contains(cure), error.getMessage());
        }
        var error = assertThrows(IOException.class, () -> JsonDocument.of("a.json", bytes));
        assertTrue(error.getMessage().contains(what), error.getMessage());
    }

    @Test
    void anEmptyFileAndATextAreNoWeights() throws IOException {
        var empty = Files.createFile(folder.resolve("model.safetensors"));
        SafetensorsFileTest.assertMessage("it is empty", () -> TensorSources.open(empty));
        var text = Files.writeString(folder.resolve("a.bin"), "Access to this model is restricted");
        SafetensorsFileTest.assertMessage("begins with 'Access to", () -> TensorSources.open(text));
        SafetensorsFileTest.assertMessage(
                "its folder holds a.bin, model.safetensors",
                () -> TensorSources.open(folder.resolve("model.gguf")));
    }

    @Test
    void aFolderOfPyTorchsFilesSaysHowToConvertThem() throws IOException {
        Files.write(folder.resolve("pytorch_model.bin"), zip());
        SafetensorsFileTest.assertMessage(
                "pytorch_model.bin: file: it is a zip archive", () -> TensorSources.open(folder));
    }

    @Test
    void aHeaderWhoseLengthLooksLikeAnotherMarkIsRead() throws IOException {
        // 0x280 and 0x8b1f: the first bytes of a pickle and of gzip
        for (int length : new int[] {0x7d0280, 0x088b1f}) {
            var header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}";
            var padded = header + " ".repeat(length - header.length());
            var file =
                    Files.write(
                            folder.resolve("a" + length),
                            SafetensorsBytes.file(padded, new byte[0]));
            try (var source = TensorSources.open(file)) {
                assertEquals(Map.of(), source.metadata());
                assertEquals(List.of("a"), List.copyOf(source.names()));
            }
        }
    }
}
