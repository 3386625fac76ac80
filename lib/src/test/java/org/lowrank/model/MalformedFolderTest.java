package org.lowrank.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lowrank.adapter.peft.PeftAdapter;
import org.lowrank.model.block.CausalModel;
import org.lowrank.model.block.TextEncoder;

/** Folders with one fault each are refused, saying what it is, where, and what was expected. */
class MalformedFolderTest {

    private static final Path ROOT =
            Path.of(System.getProperty("lowrank.golden.hf", "../../shared/golden/hf"))
                    .resolve("malformed");

    private static Path folder(String name) {
        var folder = ROOT.resolve(name);
        assumeTrue(Files.isDirectory(folder), folder.toAbsolutePath() + " is not there");
        return folder;
    }

    private static CausalModel load(Path folder, NDManager manager) throws IOException {
        try (var opened = PretrainedModel.open(folder)) {
            return opened.load(CausalModel.class, LoadOptions.PLAIN, manager);
        }
    }

    private static void assertSays(String message, String words) {
        for (var word : words.split(" *\\| *")) {
            assertTrue(message.contains(word), message + "\n  lacks: " + word);
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = ';',
            textBlock =
                    """
            missing_tensor;     model.layers.1.mlp.up_proj.weight | is missing | model.safetensors
            extra_tensor;       model.layers.1.self_attn.q_norm.weight | no place in the model
            wrong_shape;        self_attn.k_proj.weight | (8, 16) | (16, 16) | num_key_value_heads
            shard_absent;       model-00002-of-00002.safetensors is missing | 2 files | download
            index_wrong_shard;  model.layers.0.self_attn.q_proj.weight | model-00001 | model-00002
            no_model_type;      model_type | missing | mistral | LlamaForCausalLM | "llama"?
            unknown_model_type; llamba | nearest is "llama" | mistral
            hidden_not_divisible; hidden_size | 16 is not divisible by num_attention_heads 3
            truncated;          model.safetensors | bytes
            header_too_large;   1099511627776
            overlapping_offsets; k_proj.weight | q_proj.weight | overlaps | 10880 to 11904
            shape_not_bytes;    model.norm.weight | [17]
            nan_weight;         model.layers.1.mlp.gate_proj.weight | 1 of its | NaN at [3, 5]
            """)
    void aBrokenFolderIsRefused(String name, String words) {
        var folder = folder(name);
        try (var manager = NDManager.newBaseManager()) {
            var error = assertThrows(IOException.class, () -> load(folder, manager));
            assertSays(error.getMessage(), words);
            assertEquals(List.of(), manager.getManagedArrays());
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = ';',
            textBlock =
                    """
            adapter_target_absent; value_proj
            adapter_layer_absent;  layers.5
            adapter_rank_unlike;   q_proj | 4 | 2
            """)
    void aBrokenAdapterIsRefused(String name, String words) throws IOException {
        var ok = folder("ok");
        try (var manager = NDManager.newBaseManager()) {
            var model = load(ok, manager);
            var error =
                    assertThrows(IOException.class, () -> PeftAdapter.load(folder(name), model));
            assertSays(error.getMessage(), words);
        }
    }

    @Test
    void theSoundOnesLoad() throws IOException {
        var ok = folder("ok");
        try (var manager = NDManager.newBaseManager();
                var model = load(ok, manager);
                var set = PeftAdapter.load(folder("ok_adapter"), model)) {
            assertTrue(set.trainableCount() > 0);
        }
    }

    @Test
    void anotherCapabilityIsRefusedWithThoseThereAre() throws IOException {
        var ok = folder("ok");
        try (var manager = NDManager.newBaseManager();
                var opened = PretrainedModel.open(ok)) {
            var error =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> opened.load(TextEncoder.class, LoadOptions.PLAIN, manager));
            assertSays(error.getMessage(), "llama | [CausalModel] | TextEncoder");
        }
    }

    @Test
    void anUnknownNameListsTheKnownOnes() {
        var error = assertThrows(IOException.class, () -> PretrainedModel.open("bert-huge"));
        assertSays(error.getMessage(), "bert-huge | all-MiniLM-L6-v2 | bert-base-uncased");
    }
}
