package org.lowrank.adapter.peft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.TinyMlp;
import org.lowrank.engine.Arrays;
import org.lowrank.weights.MalformedFileException;
import org.lowrank.weights.SafetensorsFile;
import org.lowrank.weights.SafetensorsWriter;
import org.lowrank.weights.TensorData;
import org.lowrank.weights.TorchBytes;

/** Adapter folders as people have them: other names in the files, other files in the folder. */
class FilesOfOthersTest {

    @TempDir private Path folder;
    private NDManager manager;
    private TinyMlp model;
    private float[] adapted;

    /** A folder as PEFT writes it, and what the model computes with it. */
    @BeforeEach
    void save() throws IOException {
        manager = NDManager.newBaseManager();
        model = new TinyMlp(manager, 1, 5, 7, 5, 1);
        var config =
                LoraConfig.ofRank(2)
                        .withInitialization("gaussian_swapped")
                        .withModulesToSave("second");
        try (var set = AdapterSet.inject(model, config.withTargetModules("first"), 3)) {
            set.pairs().forEach(pair -> pair.loraA().stopGradient().addi(0.1f));
            adapted = output(model);
            PeftAdapter.save(folder, set, PeftOptions.NONE.withModelPrefix("bert"));
        }
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private float[] output(TinyMlp net) {
        var x = manager.arange(15f).reshape(new Shape(3, 5));
        return net.forward(x, false).toFloatArray();
    }

    private void rename(UnaryOperator<String> name) throws IOException {
        var file = folder.resolve(PeftAdapter.WEIGHTS);
        var renamed = new TreeMap<String, TensorData>();
        try (var source = SafetensorsFile.open(file)) {
            for (var key : source.names()) {
                var info = source.info(key);
                var shape = new Shape(info.shape().stream().mapToLong(n -> n).toArray());
                var array = Arrays.nativeCopy(manager, source.floats(key), shape);
                renamed.put(name.apply(key), TensorData.of(array));
            }
        }
        SafetensorsWriter.write(file, renamed);
    }

    @ParameterizedTest(name = "{0} to {1}")
    @CsvSource({
        "'^base_model.model.', ''",
        "'^', 'module.'",
        "'^', 'module.module.'",
        "'^', '_orig_mod.module._checkpoint_wrapped_module.'",
        "'^', '_fsdp_wrapped_module.'",
        "'model.bert', 'model._fsdp_wrapped_module.bert._fsdp_wrapped_module'",
        "'model.bert', 'model._orig_mod.bert'",
        "'^', 'base_model.model.'",
        "'^base_model.model.bert.', ''",
        "'(lora_.)', '$1.sst2'",
        "'(lora_.)', '$1.default_0'",
        "'(second)', '$1.modules_to_save'",
    })
    void whatOtherMeansAddToNamesIsTakenOff(String found, String put) throws IOException {
        rename(key -> key.replaceFirst(found, put));
        assertReadAsBefore();
    }

    @Test
    void aWholeModuleMayHaveTheAdaptersName() throws IOException {
        rename(
                key ->
                        key.contains("lora_")
                                ? key.replaceFirst("(lora_.)", "$1.sst2")
                                : key.replaceFirst("second", "second.modules_to_save.sst2"));
        assertReadAsBefore();
    }

    private void assertReadAsBefore() throws IOException {
        var fresh = new TinyMlp(manager, 1, 5, 7, 5, 1);
        try (var set = PeftAdapter.load(folder, fresh)) {
            assertEquals(1, set.pairs().size());
            assertArrayEquals(adapted, output(fresh));
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "hada_w1_a, LoHa",
        "lokr_w1, LoKr",
        "ia3_l, IA3",
        "oft_r, OFT",
        "boft_R, OFT",
        "vera_lambda_b, VeRA",
        "lora_a, mlx-lm",
        "base_layer.weight, whole state dict",
        "lora_B.bias, lora_bias",
        "token_adapter.trainable_tokens_delta, trainable_tokens",
    })
    void tensorsOfAnotherKindAreCalledByItsName(String part, String message) throws IOException {
        rename(key -> key.endsWith("lora_A.weight") ? key.replace("lora_A.weight", part) : key);
        assertRefused(message);
    }

    @Test
    void twoAdaptersInOneFileAreRefused() throws IOException {
        rename(key -> key.replace("lora_A", "lora_A.sst2").replace("lora_B", "lora_B.mnli"));
        assertRefused("holds several adapters, [mnli, sst2]");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"LOHA, LoHa", "LOKR, LoKr", "IA3, IA3", "OFT, OFT", "VERA, VeRA", "MICA, MiCA"})
    void anotherMethodIsCalledByItsName(String type, String name) throws IOException {
        edit("\"LORA\"", "\"" + type + "\"");
        assertRefused("'" + type + "', " + name);
        assertRefused("merge_and_unload");
    }

    @Test
    void aStartThatKeepsBFixedIsNotReadAsLora() throws IOException {
        edit("\"init_lora_weights\" : true", "\"init_lora_weights\" : \"mica\"");
        assertRefused("PEFT keeps B fixed");
    }

    private void edit(String found, String put) throws IOException {
        var file = folder.resolve(PeftAdapter.CONFIG);
        var text = Files.readString(file);
        assertTrue(text.contains(found), text);
        Files.writeString(file, text.replace(found, put));
    }

    /** PEFT before 0.7 pickled the factors. */
    @Test
    void aPickledAdapterIsReadAndOnlyIfItBuildsTensorsAlone() throws IOException {
        var weights = folder.resolve(PeftAdapter.WEIGHTS);
        var torch = new TorchBytes();
        try (var source = SafetensorsFile.open(weights)) {
            for (var name : source.names()) {
                torch.tensor(
                        name,
                        source.floats(name),
                        source.info(name).shape().stream().mapToLong(Long::longValue).toArray());
            }
        }
        Files.delete(weights);
        var pickled = folder.resolve("adapter_model.bin");
        var bytes = torch.file();
        Files.write(pickled, bytes);
        try (var plain = new TinyMlp(manager, 1, 5, 7, 5, 1);
                var set = PeftAdapter.load(folder, plain)) {
            assertArrayEquals(adapted, output(plain));
            assertEquals(1, set.pairs().size());
        }
        var harmful =
                new String(bytes, StandardCharsets.ISO_8859_1)
                        .replace(
                                "ctorch._utils\n_rebuild_tensor_v2",
                                "cxxxxx.system\n_rebuild_tensor_v2");
        Files.writeString(pickled, harmful, StandardCharsets.ISO_8859_1);
        refused("xxxxx.system", folder);
    }

    @Test
    void aFolderOfOthersIsAnsweredWithWhatIsInIt() throws IOException {
        var weights = folder.resolve(PeftAdapter.WEIGHTS);
        Files.move(weights, folder.resolve("adapters.safetensors"));
        assertRefused("mlx-lm");
        Files.move(folder.resolve("adapters.safetensors"), weights);
        refused("is a file; an adapter is the folder", weights);
        refused("there is no such folder", folder.resolve("none"));
        var above = Files.createDirectory(folder.resolve("above"));
        refused("holds no adapter_config.json", above);
        for (var name : new String[] {"sst2", "mnli"}) {
            Files.createDirectory(above.resolve(name));
            Files.copy(
                    folder.resolve(PeftAdapter.CONFIG),
                    above.resolve(name).resolve(PeftAdapter.CONFIG));
        }
        refused("it holds adapters in mnli, sst2: name one", above);
    }

    private void assertRefused(String message) {
        refused(message, folder);
    }

    private void refused(String message, Path where) {
        var refusal =
                assertThrows(MalformedFileException.class, () -> PeftAdapter.load(where, model));
        assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
        assertTrue(refusal.getMessage().contains(where.toString()), refusal.getMessage());
    }

    @Test
    void readAndSavedAgainItKeepsItsPrefix() throws IOException {
        var again = folder.resolve("again");
        try (var set = PeftAdapter.load(folder, new TinyMlp(manager, 1, 5, 7, 5, 1))) {
            PeftAdapter.save(again, set);
        }
        for (var name : new String[] {PeftAdapter.CONFIG, PeftAdapter.WEIGHTS}) {
            assertArrayEquals(
                    Files.readAllBytes(folder.resolve(name)),
                    Files.readAllBytes(again.resolve(name)));
        }
    }

    @Test
    void othersMayReadWhatIsSaved() throws IOException {
        var plain = Files.createFile(folder.resolve("plain"));
        var usual = PosixFilePermissions.toString(Files.getPosixFilePermissions(plain));
        for (var name : new String[] {PeftAdapter.CONFIG, PeftAdapter.WEIGHTS}) {
            var mode = Files.getPosixFilePermissions(folder.resolve(name));
            assertEquals(usual, PosixFilePermissions.toString(mode));
        }
    }
}
