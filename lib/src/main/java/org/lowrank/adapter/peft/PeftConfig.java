package org.lowrank.adapter.peft;

import static java.util.Map.entry;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.lowrank.config.Json;
import org.lowrank.engine.AtomicFile;
import org.lowrank.weights.StrictJson;

/**
 * An {@code adapter_config.json}, with PEFT's names and defaults. What else PEFT writes there means
 * nothing here, or is refused by {@link Unsupported}.
 *
 * @param peftType {@code LORA} or {@code ADALORA}
 * @param bias {@code none}, {@code all} or {@code lora_only}: which biases of the base were trained
 * @param targetModules names or one regular expression; not read, the tensors say it
 * @param rankPattern ranks by pattern; for AdaLoRA which triplets are in the file, by {@code
 *     PATH.lora_E}, or null
 * @param initR this and what follows: AdaLoRA's, null for LoRA
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record PeftConfig(
        String peftType,
        Integer r,
        Number loraAlpha,
        Double loraDropout,
        Boolean useRslora,
        Boolean useDora,
        String bias,
        Object targetModules,
        List<String> modulesToSave,
        Map<String, Object> rankPattern,
        Map<String, Number> alphaPattern,
        String baseModelNameOrPath,
        String taskType,
        Integer initR,
        Integer targetR,
        Integer tinit,
        Integer tfinal,
        @JsonProperty("deltaT") Integer deltaT,
        Integer totalStep,
        Double beta1,
        Double beta2,
        Double orthRegWeight) {

    private static final String ADALORA = "ADALORA";

    private static final DefaultIndenter INDENT = new DefaultIndenter("  ", "\n");

    private static final Map<String, FieldRule> RULES =
            Map.ofEntries(
                    entry("r", FieldRule.POSITIVE),
                    entry("lora_alpha", FieldRule.NUMBER),
                    entry("lora_dropout", FieldRule.NUMBER),
                    entry("use_rslora", FieldRule.FLAG),
                    entry("use_dora", FieldRule.FLAG),
                    entry("base_model_name_or_path", FieldRule.TEXT),
                    entry("task_type", FieldRule.TEXT),
                    entry("modules_to_save", FieldRule.NAMES),
                    entry("rank_pattern", FieldRule.OBJECT),
                    entry("alpha_pattern", FieldRule.OBJECT),
                    entry("init_r", FieldRule.POSITIVE),
                    entry("target_r", FieldRule.POSITIVE),
                    entry("tinit", FieldRule.COUNT),
                    entry("tfinal", FieldRule.COUNT),
                    entry("deltaT", FieldRule.POSITIVE),
                    entry("total_step", FieldRule.POSITIVE),
                    entry("beta1", FieldRule.NUMBER),
                    entry("beta2", FieldRule.NUMBER),
                    entry("orth_reg_weight", FieldRule.NUMBER));

    PeftConfig {
        r = r == null ? 8 : r;
        loraAlpha = loraAlpha == null ? 8 : loraAlpha;
        loraDropout = loraDropout == null ? 0 : loraDropout;
        useRslora = useRslora != null && useRslora;
        useDora = useDora != null && useDora;
        bias = bias == null ? "none" : bias;
        if (ADALORA.equals(peftType)) {
            initR = initR == null ? 12 : initR;
            targetR = targetR == null ? 8 : targetR;
            tinit = tinit == null ? 0 : tinit;
            tfinal = tfinal == null ? 0 : tfinal;
            deltaT = deltaT == null ? 1 : deltaT;
            totalStep = totalStep == null ? tinit + tfinal + 1 : totalStep;
            beta1 = beta1 == null ? 0.85 : beta1;
            beta2 = beta2 == null ? 0.85 : beta2;
            orthRegWeight = orthRegWeight == null ? 0.5 : orthRegWeight;
        }
    }

    /**
     * @throws IOException if the file cannot be read, a field is not what it should be or asks for
     *     what is not read here; the message names the field
     */
    static PeftConfig read(Path file) throws IOException {
        var root = StrictJson.readObject(file);
        Unsupported.check(file, root);
        for (var rule : RULES.entrySet()) {
            rule.getValue().check(file, rule.getKey(), root.path(rule.getKey()));
        }
        boolean adaptive = root.path("peft_type").asText().equals(ADALORA);
        checkEach(file, root, "rank_pattern", adaptive ? FieldRule.FLAGS : FieldRule.POSITIVE);
        checkEach(file, root, "alpha_pattern", FieldRule.NUMBER);
        return Json.mapper().convertValue(root, PeftConfig.class);
    }

    private static void checkEach(Path file, JsonNode root, String field, FieldRule rule)
            throws IOException {
        for (var entry : root.path(field).properties()) {
            rule.check(file, field + "." + entry.getKey(), entry.getValue());
        }
    }

    static PeftConfig of(Map<String, ?> fields) {
        return Json.mapper().convertValue(fields, PeftConfig.class);
    }

    /** Writes what every PEFT since 0.8 reads, whole or not at all. */
    void write(Path file) throws IOException {
        var fields = new TreeMap<String, Object>();
        for (var absent :
                List.of(
                        "auto_mapping",
                        "base_model_name_or_path",
                        "layers_pattern",
                        "layers_to_transform",
                        "megatron_config",
                        "modules_to_save",
                        "rank_pattern",
                        "revision",
                        "task_type")) {
            fields.put(absent, null);
        }
        fields.put("alpha_pattern", Map.of());
        fields.put("fan_in_fan_out", false);
        fields.put("inference_mode", true);
        fields.put("init_lora_weights", true);
        fields.put("loftq_config", Map.of());
        fields.put("megatron_core", "megatron.core");
        fields.putAll(
                Json.mapper().convertValue(this, new TypeReference<Map<String, Object>>() {}));
        var printer =
                new DefaultPrettyPrinter().withObjectIndenter(INDENT).withArrayIndenter(INDENT);
        var text = Json.mapper().writer(printer).writeValueAsString(fields);
        var bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(file, out -> out.write(bytes));
    }

    boolean isAdaptive() {
        return ADALORA.equals(peftType);
    }

    /** Empty if the field is absent or null. */
    List<String> listedModules() {
        return modulesToSave == null ? List.of() : modulesToSave;
    }

    Map<String, Integer> ranks() {
        return typed(rankPattern, value -> (Integer) value);
    }

    Map<String, Double> alphas() {
        return typed(alphaPattern, Number::doubleValue);
    }

    /** AdaLoRA's {@code rank_pattern}: which triplets are in the file, by {@code PATH.lora_E}. */
    Map<String, boolean[]> keptTriplets() {
        return typed(rankPattern, value -> Json.mapper().convertValue(value, boolean[].class));
    }

    private static <S, T> Map<String, T> typed(Map<String, S> pattern, Function<S, T> type) {
        var typed = new LinkedHashMap<String, T>();
        if (pattern != null) {
            pattern.forEach(
                    (key, value) -> {
                        if (value != null) {
                            typed.put(key, type.apply(value));
                        }
                    });
        }
        return typed;
    }
}
