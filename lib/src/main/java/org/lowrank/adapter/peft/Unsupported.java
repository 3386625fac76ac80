package org.lowrank.adapter.peft;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.lowrank.weights.MalformedFileException;

/**
 * What an {@code adapter_config.json} may ask for and is not read here: another method, a variant
 * that changes what the tensors mean, a start that belongs to another base.
 */
record Unsupported(Path file, JsonNode root) {
    private static final String MERGE =
            "; in PEFT, merge the adapter (merge_and_unload) and open the merged folder as a model";

    /** Fields that change what the tensors mean if they are set, and what they then do. */
    private static final Map<String, String> CHANGING =
            Map.ofEntries(
                    Map.entry("lora_bias", "B has a bias of its own"),
                    Map.entry("layer_replication", "layers of the base are repeated"),
                    Map.entry("megatron_config", "it belongs to a model cut over several devices"),
                    Map.entry(
                            "trainable_token_indices",
                            "rows of the embeddings are trained as well"),
                    Map.entry(
                            "target_parameters", "parameters that are no linear maps are adapted"),
                    Map.entry("use_qalora", "inputs are pooled in groups before A"),
                    Map.entry("use_bdlora", "A and B are block-diagonal"),
                    Map.entry("kasa_config", "a diagonal stands between B and A, and W0 is cut"),
                    Map.entry("monteclora_config", "A is drawn from a distribution"),
                    Map.entry("arrow_config", "several adapters are mixed by token"),
                    Map.entry("alora_invocation_tokens", "it acts after certain tokens alone"));

    /** What PEFT's other methods are. */
    private static final Map<String, String> OTHER_METHODS =
            Map.ofEntries(
                    Map.entry("LOHA", "LoHa (products of low-rank matrices by element)"),
                    Map.entry("LOKR", "LoKr (Kronecker products)"),
                    Map.entry("IA3", "IA3 (learned scales of activations)"),
                    Map.entry("OFT", "OFT (rotations of W0)"),
                    Map.entry("BOFT", "BOFT (rotations of W0)"),
                    Map.entry("HRA", "HRA (reflections of W0)"),
                    Map.entry("VERA", "VeRA (random projections shared by all layers)"),
                    Map.entry("VBLORA", "VB-LoRA (vectors of a shared bank)"),
                    Map.entry("FOURIERFT", "FourierFT (a sparse spectrum of the change)"),
                    Map.entry("MICA", "MiCA (B fixed, A trained)"),
                    Map.entry("LN_TUNING", "trained normalisations"),
                    Map.entry("PROMPT_TUNING", "a trained prompt"),
                    Map.entry("P_TUNING", "a trained prompt"),
                    Map.entry("PREFIX_TUNING", "a trained prefix"));

    /** Starts that leave W0 as it is, in PEFT's words. */
    private static final Set<String> BASE_STAYS = Set.of("gaussian", "eva", "orthogonal");

    /** Starts that replace W0 by W0 - sBA, and that PEFT can save as a difference. */
    private static final Pattern BASE_MOVED =
            Pattern.compile("pissa(_niter_\\d+)?|olora|corda|lora_ga");

    /** Which biases of the base PEFT can have trained. */
    private static final List<String> BIASES = List.of("none", "all", "lora_only");

    static void check(Path file, JsonNode root) throws MalformedFileException {
        var config = new Unsupported(file, root);
        config.checkType();
        for (var entry : CHANGING.entrySet()) {
            var value = root.path(entry.getKey());
            if (!isOff(value)) {
                throw config.refusal(
                        entry.getKey(),
                        value + " is not supported here: " + entry.getValue() + MERGE);
            }
        }
        var bias = root.path("bias");
        if (!bias.isMissingNode() && !bias.isNull() && !BIASES.contains(bias.asText())) {
            throw config.refusal("bias", bias + " is not supported here; " + BIASES + " are");
        }
        config.checkStart(root.path("init_lora_weights"));
    }

    /**
     * A start that moved a part of W0 into A and B leaves it there when PEFT saves: on W0 they
     * would be a wrong model, with nothing to show it.
     */
    private void checkStart(JsonNode start) throws MalformedFileException {
        if (start.isMissingNode() || start.isNull() || start.isBoolean()) {
            return;
        }
        if (!start.isTextual()) {
            throw refusal("init_lora_weights", "must be true, false or a name, not " + start);
        }
        var name = start.textValue().toLowerCase(Locale.ROOT);
        if (!BASE_STAYS.contains(name)) {
            throw refusal("init_lora_weights", start + whyNotOnW0(name));
        }
    }

    private static String whyNotOnW0(String name) {
        if (BASE_MOVED.matcher(name).matches()) {
            return " moved a part of W0 into A and B, which are no adapter of W0 alone; in PEFT, save"
                    + " it with path_initial_model_for_weight_conversion: plain LoRA of rank 2r";
        }
        if (name.equals("mica")) {
            return " trains A alone, and PEFT keeps B fixed; write true to load it as LoRA, of which"
                    + " B is trained too";
        }
        return name.equals("loftq")
                ? " goes with a quantised base, which W0 is not; in PEFT, merge the adapter"
                        + " (merge_and_unload) and load the merged weights as a model"
                : " is not known here, and may have changed W0; write true if it did not, else save"
                        + " it in PEFT with path_initial_model_for_weight_conversion";
    }

    private static boolean isOff(JsonNode value) {
        return value.isMissingNode()
                || value.isNull()
                || value.isBoolean() && !value.booleanValue()
                || value.isContainerNode() && value.isEmpty();
    }

    private void checkType() throws MalformedFileException {
        var type = root.path("peft_type").asText();
        if (!type.equals("LORA") && !type.equals("ADALORA")) {
            var other = OTHER_METHODS.get(type);
            throw refusal(
                    "peft_type",
                    "'"
                            + type
                            + "'"
                            + (other == null ? "" : ", " + other + ",")
                            + " is neither LORA nor ADALORA, which are read here"
                            + (other == null ? "" : MERGE));
        }
    }

    private MalformedFileException refusal(String field, String reason) {
        return new MalformedFileException(file, field, reason);
    }
}
