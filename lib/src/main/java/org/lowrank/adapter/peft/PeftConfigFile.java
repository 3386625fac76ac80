package org.lowrank.adapter.peft;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.lowrank.engine.AtomicFile;

/** Writes an {@code adapter_config.json} with the fields of PEFT's LoraConfig. */
final class PeftConfigFile {

    private static final DefaultIndenter INDENT = new DefaultIndenter("  ", "\n");

    private PeftConfigFile() {}

    /** The fields that every PEFT since 0.8 reads, as they are when nothing is asked for. */
    static Map<String, Object> defaults() {
        var fields = new TreeMap<String, Object>();
        for (var absent :
                List.of(
                        "auto_mapping",
                        "base_model_name_or_path",
                        "layers_pattern",
                        "layers_to_transform",
                        "megatron_config",
                        "modules_to_save",
                        "revision",
                        "task_type")) {
            fields.put(absent, null);
        }
        fields.put("alpha_pattern", Map.of());
        fields.put("bias", "none");
        fields.put("fan_in_fan_out", false);
        fields.put("inference_mode", true);
        fields.put("init_lora_weights", true);
        fields.put("loftq_config", Map.of());
        fields.put("megatron_core", "megatron.core");
        fields.put("peft_type", "LORA");
        fields.put("r", 8);
        fields.put("rank_pattern", Map.of());
        fields.put("use_dora", false);
        fields.put("use_rslora", false);
        return fields;
    }

    /** Writes the fields, whole or not at all. */
    static void write(Path file, Map<String, Object> fields) throws IOException {
        var printer =
                new DefaultPrettyPrinter().withObjectIndenter(INDENT).withArrayIndenter(INDENT);
        var text = JsonMapper.builder().build().writer(printer).writeValueAsString(fields);
        var bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(file, out -> out.write(bytes));
    }
}
