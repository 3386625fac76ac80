package org.lowrank.adapter.peft;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.lowrank.weights.MalformedFileException;

/**
 * A checked view of an {@code adapter_config.json}: each getter names the field that is not what it
 * should be.
 */
final class PeftConfig {

    private static final String MERGE =
            "; in PEFT, merge the adapter (merge_and_unload) and open the merged folder as a model";

    /** Fields that change what the tensors mean if they are set, and what they then do. */
    private static final Map<String, String> CHANGING =
            Map.of(
                    "lora_bias", "B has a bias of its own",
                    "layer_replication", "layers of the base are repeated",
                    "megatron_config", "it belongs to a model cut over several devices",
                    "trainable_token_indices", "rows of the embeddings are trained as well",
                    "target_parameters", "parameters that are no linear maps are adapted",
                    "use_qalora", "inputs are pooled in groups before A",
                    "alora_invocation_tokens", "it acts after certain tokens alone");

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

    private final Path file;
    private final JsonNode root;

    PeftConfig(Path file, JsonNode root) throws MalformedFileException {
        this.file = file;
        this.root = root;
        type();
        for (var entry : CHANGING.entrySet()) {
            var value = root.path(entry.getKey());
            if (!isOff(value)) {
                throw refusal(
                        entry.getKey(),
                        value + " is not supported here: " + entry.getValue() + MERGE);
            }
        }
        var bias = root.path("bias");
        if (!isOff(bias) && !bias.asText().equals("none")) {
            throw refusal(
                    "bias",
                    bias
                            + " is not supported here: biases of the base are trained as well"
                            + MERGE);
        }
        checkStart(root.path("init_lora_weights"));
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

    /** {@code LORA} or {@code ADALORA}. */
    String type() throws MalformedFileException {
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
        return type;
    }

    boolean flag(String field) throws MalformedFileException {
        var value = root.path(field);
        if (!value.isMissingNode() && !value.isNull() && !value.isBoolean()) {
            throw refusal(field, "must be true or false, not " + value);
        }
        return value.asBoolean();
    }

    int positiveInt(String field, int absent) throws MalformedFileException {
        return root.hasNonNull(field) ? positiveInt(field, root.get(field)) : absent;
    }

    private int positiveInt(String field, JsonNode value) throws MalformedFileException {
        if (!value.isInt() || value.intValue() < 1) {
            throw refusal(field, "must be a whole number of at least 1, not " + value);
        }
        return value.intValue();
    }

    int countingInt(String field, int absent) throws MalformedFileException {
        var value = root.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return absent;
        }
        if (!value.isInt() || value.intValue() < 0) {
            throw refusal(field, "must be a whole number of at least 0, not " + value);
        }
        return value.intValue();
    }

    double number(String field, double absent) throws MalformedFileException {
        return root.hasNonNull(field) ? number(field, root.get(field)) : absent;
    }

    private double number(String field, JsonNode value) throws MalformedFileException {
        if (!value.isNumber() || !Double.isFinite(value.doubleValue()) || value.doubleValue() < 0) {
            throw refusal(field, "must be a finite number of at least 0, not " + value);
        }
        return value.doubleValue();
    }

    /** A list of names; empty if the field is absent or null. */
    List<String> names(String field) throws MalformedFileException {
        var names = new ArrayList<String>();
        var value = root.path(field);
        if (value.isArray()) {
            for (var name : value) {
                if (!name.isTextual()) {
                    throw refusal(field, "must list names, but holds " + name);
                }
                names.add(name.textValue());
            }
        } else if (!value.isMissingNode() && !value.isNull()) {
            throw refusal(field, "must be a list of names, not " + value);
        }
        return names;
    }

    Map<String, Integer> ranks() throws MalformedFileException {
        var ranks = new LinkedHashMap<String, Integer>();
        for (var entry : object("rank_pattern").properties()) {
            var field = "rank_pattern." + entry.getKey();
            ranks.put(entry.getKey(), positiveInt(field, entry.getValue()));
        }
        return ranks;
    }

    Map<String, Double> alphas() throws MalformedFileException {
        var alphas = new LinkedHashMap<String, Double>();
        for (var entry : object("alpha_pattern").properties()) {
            var field = "alpha_pattern." + entry.getKey();
            alphas.put(entry.getKey(), number(field, entry.getValue()));
        }
        return alphas;
    }

    /** AdaLoRA's {@code rank_pattern}: which triplets are in the file, by {@code PATH.lora_E}. */
    Map<String, boolean[]> keptTriplets() throws MalformedFileException {
        var kept = new LinkedHashMap<String, boolean[]>();
        for (var entry : object("rank_pattern").properties()) {
            var flags = entry.getValue();
            var field = "rank_pattern." + entry.getKey();
            if (!flags.isArray()) {
                throw refusal(field, "must be a list of true and false, not " + flags);
            }
            var array = new boolean[flags.size()];
            for (int i = 0; i < array.length; i++) {
                if (!flags.get(i).isBoolean()) {
                    throw refusal(field, "must hold true and false only, not " + flags.get(i));
                }
                array[i] = flags.get(i).booleanValue();
            }
            kept.put(entry.getKey(), array);
        }
        return kept;
    }

    private JsonNode object(String field) throws MalformedFileException {
        var value = root.path(field);
        if (!value.isMissingNode() && !value.isNull() && !value.isObject()) {
            throw refusal(field, "must be an object, not " + value);
        }
        return value;
    }

    MalformedFileException refusal(String field, String reason) {
        return new MalformedFileException(file, field, reason);
    }
}
