package org.lowrank.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.kind.AdaLora;
import org.lowrank.adapter.peft.PeftAdapter;
import org.lowrank.weights.MalformedFileException;
import org.lowrank.weights.SafetensorsFile;

/**
 * Adapters between this kit and PEFT itself, both ways, by the logits. Runs where {@code
 * LOWRANK_PEER_PYTHON} names a Python that has {@code environment/peers/requirements.txt}.
 */
class PeerPeftTest {

    private static final Path ROOT =
            Path.of(System.getProperty("lowrank.golden.hf", "../../shared/golden/hf"));
    private static final String PYTHON = System.getenv("LOWRANK_PEER_PYTHON");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir private Path folder;

    /** What is saved here, by name; a name begins with the folder of the model. */
    private static Map<String, LoraConfig> ours() {
        var lora = LoraConfig.ofRank(4);
        var configs = new TreeMap<String, LoraConfig>();
        configs.put("bert classifier", lora.withModulesToSave("classifier"));
        configs.put("bert dora", lora.withLayer("dora").withRslora(true));
        configs.put("bert pissa", lora.withInitialization("pissa"));
        configs.put("bert adalora", lora.withLayer(AdaLora.to(2, 10).choice()));
        configs.put("llama2 lora", lora);
        configs.put(
                "llama2 patterns",
                lora.withTargetModules("q_proj", "down_proj")
                        .withPatterns(Map.of("layers.0.*", 2), Map.of("q_proj", 9.0)));
        configs.put(
                "llama2 whole modules",
                lora.withLayer("dora").withModulesToSave("embed_tokens", "norm"));
        configs.put("distilbert classifier", lora.withModulesToSave("classifier"));
        configs.put("bert biases", lora.withModulesToSave("bias", "classifier"));
        configs.put(
                "gpt2 biases", lora.withTargetModules("c_attn").withModulesToSave("c_attn.bias"));
        configs.put(
                "llama2 table and head",
                lora.withTargetModules("v_proj", "embed_tokens", "lm_head"));
        configs.put("llama3 table", lora.withTargetModules("embed_tokens"));
        configs.put("llama3 head", lora.withTargetModules("lm_head"));
        configs.put("gpt2 table", lora.withTargetModules("wte"));
        configs.put("gpt2 lora", lora.withRslora(true));
        configs.put("gpt2 dora", lora.withLayer("dora"));
        configs.put("t5 lora", lora);
        configs.put("t5 adalora", lora.withLayer(AdaLora.to(2, 10).choice()));
        configs.put(
                "t5v11 dora",
                lora.withLayer("dora").withTargetModules("q", "wi_0").withModulesToSave("lm_head"));
        return configs;
    }

    /** What PEFT makes and saves. */
    private static Map<String, Map<String, Object>> theirs() {
        var configs = new TreeMap<String, Map<String, Object>>();
        var bert = List.of("query", "value", "dense");
        configs.put("bert sequences", Map.of("target_modules", bert, "task_type", "SEQ_CLS"));
        configs.put("bert dora", Map.of("target_modules", bert, "use_dora", true));
        configs.put(
                "bert rslora",
                Map.of(
                        "target_modules",
                        ".*layer\\.1\\..*(query|key)",
                        "use_rslora",
                        true,
                        "modules_to_save",
                        List.of("LayerNorm", "classifier")));
        configs.put(
                "bert adalora",
                Map.of("target_modules", bert, "init_r", 6, "target_r", 3, "total_step", 10));
        var all = "all-linear";
        configs.put("llama2 dora", Map.of("target_modules", all, "use_dora", true));
        configs.put(
                "llama2 whole modules",
                Map.of(
                        "target_modules",
                        List.of("q_proj", "up_proj"),
                        "modules_to_save",
                        List.of("embed_tokens", "lm_head"),
                        "rank_pattern",
                        Map.of("layers.1.self_attn.q_proj", 3)));
        configs.put(
                "llama2 layers",
                Map.of("target_modules", List.of("k_proj"), "layers_to_transform", List.of(1)));
        configs.put("bert biases", Map.of("target_modules", bert, "bias", "all"));
        configs.put("bert biases of pairs", Map.of("target_modules", bert, "bias", "lora_only"));
        configs.put(
                "bert biases and head",
                Map.of("target_modules", bert, "bias", "all", "task_type", "SEQ_CLS"));
        configs.put("gpt2 biases", Map.of("target_modules", all, "bias", "lora_only"));
        configs.put(
                "llama2 norms",
                Map.of("target_modules", List.of("v_proj"), "modules_to_save", List.of("norm")));
        configs.put(
                "distilbert sequences",
                Map.of("target_modules", List.of("q_lin"), "task_type", "SEQ_CLS"));
        configs.put(
                "llama2 table and head",
                Map.of("target_modules", List.of("q_proj", "embed_tokens", "lm_head")));
        configs.put("llama3 table", Map.of("target_modules", List.of("embed_tokens")));
        configs.put("llama3 head", Map.of("target_modules", List.of("q_proj", "lm_head")));
        configs.put("gpt2 table", Map.of("target_modules", List.of("wte", "c_attn")));
        configs.put("gpt2 rslora", Map.of("target_modules", all, "use_rslora", true));
        configs.put("gpt2 dora", Map.of("target_modules", List.of("c_attn"), "use_dora", true));
        var text = "SEQ_2_SEQ_LM";
        configs.put("t5 all linear", Map.of("target_modules", all, "task_type", text));
        configs.put(
                "t5v11 rslora",
                Map.of(
                        "target_modules",
                        ".*EncDecAttention\\.(q|v)|.*\\.wi_\\d",
                        "use_rslora",
                        true,
                        "modules_to_save",
                        List.of("lm_head", "final_layer_norm"),
                        "task_type",
                        text));
        return configs;
    }

    @Test
    void whatIsSavedHereIsWholeForPeftAndGivesTheSameLogits() throws Exception {
        assumePeer();
        var cases = new TreeMap<String, Map<String, Object>>();
        for (var entry : ours().entrySet()) {
            var name = entry.getKey();
            try (var golden = open(name);
                    var set = AdapterSet.inject(golden.network(), entry.getValue(), 3)) {
                moved(set);
                PeftAdapter.save(folder.resolve(name), set);
            }
            cases.put(name, of(name, Map.of("load", folder.resolve(name).toString())));
        }
        run(cases);
    }

    @Test
    void whatPeftSavesIsReadHereAndGivesTheSameLogits() throws Exception {
        assumePeer();
        var cases = new TreeMap<String, Map<String, Object>>();
        theirs().forEach((name, fields) -> cases.put(name, made(name, fields)));
        run(cases);
    }

    /** What PEFT makes that is no pairs on linear maps of this base, and words of the refusal. */
    private static Map<String, Map<String, Object>> refused() {
        var llama = List.of("q_proj");
        var bert = List.of("query");
        return Map.of(
                "llama2 rows of the embeddings are trained",
                Map.of("target_modules", llama, "trainable_token_indices", List.of(1, 5)),
                "llama2 layers of the base are repeated",
                Map.of(
                        "target_modules",
                        llama,
                        "layer_replication",
                        List.of(List.of(0, 2), List.of(1, 2))),
                "bert B has a bias of its own",
                Map.of("target_modules", bert, "lora_bias", true),
                "bert moved a part of W0 into A and B",
                Map.of("target_modules", bert, "init_lora_weights", "pissa"));
    }

    @Test
    void whatIsNotReadIsRefusedWithItsReason() throws Exception {
        assumePeer();
        var cases = new TreeMap<String, Map<String, Object>>();
        refused().forEach((name, fields) -> cases.put(name, made(name, fields)));
        runThere(cases);
        for (var name : cases.keySet()) {
            try (var golden = open(name)) {
                var refusal =
                        assertThrows(
                                MalformedFileException.class,
                                () -> PeftAdapter.load(folder.resolve(name), golden.network()));
                var words = name.substring(name.indexOf(' ') + 1);
                var said = refusal.getMessage().replace(folder.toString(), "");
                assertTrue(said.replace(name, "").contains(words), said);
            }
        }
    }

    private Map<String, Object> made(String name, Map<String, Object> fields) {
        var method = name.endsWith("adalora") ? "ADALORA" : "LORA";
        var save = folder.resolve(name).toString();
        return of(name, Map.of("make", fields, "method", method, "save", save));
    }

    private static void assumePeer() {
        assumeTrue(PYTHON != null, "LOWRANK_PEER_PYTHON names no Python with PEFT");
        assumeTrue(Files.isDirectory(ROOT), ROOT.toAbsolutePath() + " is not there");
    }

    private static Path model(String name) {
        return ROOT.resolve(name.substring(0, name.indexOf(' '))).toAbsolutePath().normalize();
    }

    private static GoldenFolder open(String name) throws IOException {
        return new GoldenFolder(model(name), "config.json");
    }

    private Map<String, Object> of(String name, Map<String, Object> more) {
        var all = new TreeMap<>(more);
        all.put("model", model(name).toString());
        all.put("logits", logits(name).toString());
        return all;
    }

    private Path logits(String name) {
        return folder.resolve(name + ".safetensors");
    }

    /** Everything that is trained, away from its start. */
    private static void moved(AdapterSet set) {
        var extra =
                set.adapters().values().stream()
                        .flatMap(a -> a.extraParameters().values().stream());
        Stream.of(
                        set.stacks().stream().flatMap(s -> Stream.of(s.loraA(), s.loraB())),
                        extra.map(p -> p.stopGradient()),
                        set.modulesToSave().values().stream())
                .flatMap(arrays -> arrays)
                .forEach(
                        array -> {
                            try (var noise = array.getManager().newSubManager()) {
                                array.addi(
                                        noise.randomNormal(
                                                0, 0.1f, array.getShape(), array.getDataType()));
                            }
                        });
    }

    /** Runs the cases there, then reads every adapter here and compares. */
    private void run(Map<String, Map<String, Object>> cases) throws Exception {
        runThere(cases);
        for (var name : cases.keySet()) {
            try (var golden = open(name);
                    var there = SafetensorsFile.open(logits(name));
                    var set = PeftAdapter.load(folder.resolve(name), golden.network())) {
                var wanted = there.floats("logits");
                assertFalse(Arrays.equals(wanted, there.floats("base")), name + " acts");
                assertFalse(set.adapters().isEmpty(), name);
                try {
                    golden.compareAdapted(wanted);
                } catch (AssertionError e) {
                    throw new AssertionError(name + ": " + e.getMessage(), e);
                }
            }
        }
    }

    private void runThere(Map<String, Map<String, Object>> cases) throws Exception {
        var script = Path.of(getClass().getResource("/peft/with_peft.py").toURI());
        var builder = new ProcessBuilder(PYTHON, script.toString());
        builder.environment().put("OMP_NUM_THREADS", "1");
        builder.environment().put("HF_HUB_OFFLINE", "1");
        builder.environment().put("PYTHONPATH", "");
        var process = builder.inheritIO().redirectInput(ProcessBuilder.Redirect.PIPE).start();
        try (var stdin = process.getOutputStream()) {
            JSON.writeValue(stdin, new ArrayList<>(cases.values()));
        }
        assertEquals(0, process.waitFor(), "the script's exit");
    }
}
