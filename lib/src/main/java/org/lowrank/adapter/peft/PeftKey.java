package org.lowrank.adapter.peft;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The name of one tensor in PEFT's file: {@code base_model.model.PATH.lora_A.weight}, and without
 * {@code .weight} for DoRA's magnitude and all of AdaLoRA. Files made by other means have more in
 * it, which is taken off: what distributed training wraps around a model, no or two {@code
 * base_model.model.}, the name of the adapter.
 *
 * @param path the module path
 * @param part {@code lora_A}, {@code lora_B}, of a table {@code lora_embedding_A} and {@code
 *     lora_embedding_B}, {@code lora_E} or {@code lora_magnitude_vector}; null if the tensor
 *     belongs to a module that is saved whole, and {@code path} is its full name
 * @param adapter the name of the adapter if it is in the tensor's name, else null
 */
record PeftKey(String path, String part, String adapter) {

    static final String PREFIX = "base_model.model.";

    /** PEFT has an adapted map inside its own layer. */
    static final String BASE_BIAS = ".base_layer.bias";

    static final String BASE_WEIGHT = ".base_layer.weight";

    private static final Pattern WRAPPER =
            Pattern.compile(
                    "^(?:module\\.)+|(?<=^|\\.)_(?:fsdp_wrapped_module|orig_mod|checkpoint_wrapped_module)\\.");

    private static final Pattern PREFIXES = Pattern.compile("^(base_model\\.model\\.)+");

    private static final Pattern ADAPTER =
            Pattern.compile(
                    "(.+)\\.(lora_(?:embedding_)?[AB]|lora_E|lora_magnitude_vector)"
                            + "(?:\\.(?!(?:weight|bias)$)([^.]+))?(?:\\.weight)?");

    private static final Pattern VOCABULARY = Pattern.compile("(.+\\.)?(embed_tokens|lm_head)");

    /** Parts of names that belong to what is not read here, and what to say of them. */
    private static final Map<Pattern, String> OTHERS = new LinkedHashMap<>();

    static {
        other("lora_[AB]\\.(.+\\.)?bias", "a bias beside LoRA's factors (lora_bias)");
        other("lora_[ab]", "of an adapter of mlx-lm, whose factors are turned");
        other("hada_\\w+", "LoHa's");
        other("lokr_\\w+", "LoKr's");
        other("ia3_l", "IA3's");
        other("b?oft_\\w+", "OFT's");
        other("vera_\\w+", "VeRA's");
        other(
                "(token_adapter|trainable_tokens\\w*)(\\..+)?",
                "a trained token's (trainable_tokens)");
        other(
                "base_layer\\..+",
                "the base's own: this is a whole state dict, save the adapter alone");
        other("lora_.+", "no tensor of LoRA, DoRA or AdaLoRA on linear maps");
    }

    private static void other(String part, String what) {
        OTHERS.put(Pattern.compile(".+\\." + part + "(\\.[^.]+)?(\\.weight)?"), what);
    }

    /**
     * The parts of a name.
     *
     * @throws IllegalArgumentException if it belongs to a kind that is not read here; the message
     *     says to which
     */
    static PeftKey parse(String name) {
        var rest = PREFIXES.matcher(WRAPPER.matcher(name).replaceAll("")).replaceFirst("");
        var match = ADAPTER.matcher(rest);
        if (match.matches()) {
            return new PeftKey(match.group(1), match.group(2), match.group(3));
        }
        if (rest.endsWith(BASE_WEIGHT)) {
            var module = rest.substring(0, rest.length() - BASE_WEIGHT.length());
            if (keepsBase(module)) {
                return new PeftKey(module + ".weight", null, null);
            }
        }
        if (rest.endsWith(BASE_BIAS)) { // of an adapted map, trained beside its pair
            return new PeftKey(rest.replace(BASE_BIAS, ".bias"), null, null);
        }
        for (var other : OTHERS.entrySet()) {
            if (other.getKey().matcher(rest).matches()) {
                throw new IllegalArgumentException("is " + other.getValue());
            }
        }
        return new PeftKey(rest, null, null);
    }

    /** True for an adapted module whose own weight PEFT writes beside its pair. */
    static boolean keepsBase(String module) {
        return VOCABULARY.matcher(module).matches();
    }

    /** True for the base's copy of a module that is saved whole beside it, in a raw state dict. */
    boolean isOriginal() {
        return part == null && path.contains(".original_module.");
    }

    /**
     * The name in a file.
     *
     * @param asModule true if PEFT keeps the tensor in a module of its own
     */
    static String of(String path, String part, boolean asModule) {
        return PREFIX + path + "." + part + (asModule ? ".weight" : "");
    }
}
