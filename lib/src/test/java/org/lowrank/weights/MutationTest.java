package org.lowrank.weights;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.lowrank.soundness.Mutants;

/**
 * Damaged files of every format: each is read or refused by the one refusal that names the file; no
 * other exception, no hang, no memory for what a file only claims. 500 mutants a format; the long
 * form: {@code -Dlowrank.mutants=10000}.
 */
@Timeout(value = 3, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MutationTest {

    private static final long MOST_MEMORY = 64L << 20;
    private final Mutants mutants = new Mutants();

    @TempDir Path folder;

    /** Opens a file as one format, whatever it is. */
    private interface Reader {
        TensorSource open(Path file) throws IOException;
    }

    /** Files of one model; the first is opened, one of them is damaged. */
    private record Format(String name, Reader reader, Map<String, byte[]> files, String opened) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Arguments> formats() {
        var values = new float[] {1, 2, 3, 4, 5, 6};
        var gguf =
                new GgufBuilder()
                        .meta("general.architecture", "llama")
                        .meta("general.alignment", 32)
                        .meta("tokens", List.of("a", "b", "c"))
                        .meta("lists", List.of(List.of(1, 2), List.of(3)))
                        .meta("epsilon", 1e-5f)
                        .tensor("a", values, 3, 2)
                        .tensor("q", 12, new byte[288], 512)
                        .file();
        var onnx =
                new OnnxFileBuilder()
                        .tensor("bias", 2, 2)
                        .tensor("w", 6, 2, 3)
                        .matMul("/layer/MatMul", "w")
                        .file();
        var bundle =
                new TensorBundleBuilder()
                        .tensor("a/kernel", values, 2, 3)
                        .tensor("a/bias", new float[] {1}, 1);
        var header =
                "{\"__metadata__\":{\"format\":\"pt\"},"
                        + "\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
                        + "\"b\":{\"dtype\":\"BF16\",\"shape\":[4],\"data_offsets\":[24,32]}}";
        var safetensors = SafetensorsBytes.file(header, new byte[32]);
        var index =
                "{\"metadata\":{\"total_size\":32},\"weight_map\":"
                        + "{\"a\":\"m-1.safetensors\",\"b\":\"m-1.safetensors\"}}";
        var shard =
                new GgufBuilder().meta("split.no", 0).meta("split.count", 2).meta("x", "y").file();
        var second =
                new GgufBuilder()
                        .meta("split.no", 1)
                        .meta("split.count", 2)
                        .meta("split.tensors.count", 1)
                        .tensor("a", values, 6)
                        .file();
        var formats =
                List.of(
                        new Format("GGUF", GgufFile::open, Map.of("m.gguf", gguf), "m.gguf"),
                        new Format(
                                "GGUF in shards",
                                GgufFile::open,
                                Map.of(
                                        "m-00001-of-00002.gguf",
                                        shard,
                                        "m-00002-of-00002.gguf",
                                        second),
                                "m-00002-of-00002.gguf"),
                        new Format("ONNX", OnnxFile::open, Map.of("m.onnx", onnx), "m.onnx"),
                        new Format(
                                "TensorFlow",
                                TensorFlowBundle::open,
                                Map.of(
                                        "m.index",
                                        bundle.index(),
                                        "m.data-00000-of-00001",
                                        bundle.data()),
                                "m.index"),
                        new Format(
                                "llama2.c",
                                Llama2File::open,
                                Map.of("m.bin", Llama2FileTest.file(-5)),
                                "m.bin"),
                        new Format(
                                "PyTorch .bin",
                                TorchFile::open,
                                Map.of("m.bin", TorchFileTest.file()),
                                "m.bin"),
                        new Format(
                                "safetensors",
                                SafetensorsFile::open,
                                Map.of("m.safetensors", safetensors),
                                "m.safetensors"),
                        new Format(
                                "safetensors in shards",
                                ShardedSafetensors::open,
                                Map.of(
                                        "m.safetensors.index.json",
                                        index.getBytes(StandardCharsets.UTF_8),
                                        "m-1.safetensors",
                                        safetensors),
                                "m.safetensors.index.json"));
        return formats.stream().map(Arguments::of);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("formats")
    void everyMutantIsReadOrRefusedByName(Format format) throws Exception {
        for (var file : format.files.entrySet()) {
            Files.write(folder.resolve(file.getKey()), file.getValue());
        }
        var opened = folder.resolve(format.opened);
        readWhole(format.reader, opened);
        var names = format.files.keySet().stream().sorted().toList();
        var tally = new Mutants.Tally(format.name, MOST_MEMORY);
        for (int i = 0; i < Mutants.COUNT; i++) {
            var name = names.get(mutants.random().nextInt(names.size()));
            var mutant = mutants.of(format.files.get(name), i);
            Mutants.put(folder.resolve(name), mutant);
            int number = i;
            tally.look(
                    () ->
                            isRefused(format.reader, opened, number)
                                    | isRefused(TensorSources::open, opened, number));
            Mutants.put(folder.resolve(name), format.files.get(name));
        }
        tally.close(0.25);
    }

    private boolean isRefused(Reader reader, Path opened, int number) {
        try {
            readWhole(reader, opened);
            return false;
        } catch (MalformedFileException e) {
            assertTrue(e.getMessage().startsWith(folder.toString()), e.getMessage());
            assertTrue(e.getMessage().split(": ", 3).length == 3, e.getMessage());
            assertTrue(e.getMessage().length() < 1000, e.getMessage());
            return true;
        } catch (IOException | RuntimeException | Error e) {
            return fail("mutant " + number + " of " + opened, e);
        }
    }

    private static void readWhole(Reader reader, Path file) throws IOException {
        try (var source = reader.open(file)) {
            for (var name : source.names()) {
                if (source.info(name).type().isFloat()) {
                    source.floats(name);
                } else {
                    source.bytes(name, 0, (int) source.info(name).byteCount());
                }
            }
            source.metadata().toString();
        }
    }
}
