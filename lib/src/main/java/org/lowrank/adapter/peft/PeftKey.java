package org.lowrank.adapter.peft;

import java.util.regex.Pattern;

/**
 * The name of one tensor in PEFT's file: {@code base_model.model.PATH.lora_A.weight}, and without
 * {@code .weight} for DoRA's magnitude and all of AdaLoRA.
 *
 * @param path the module path
 * @param part {@code lora_A}, {@code lora_B}, {@code lora_E} or {@code lora_magnitude_vector}; null
 *     if the tensor belongs to a module that is saved whole, and {@code path} is its full name
 */
record PeftKey(String path, String part) {

    static final String PREFIX = "base_model.model.";

    /** PEFT drops the name of the adapter when it saves; files made by other means may have it. */
    private static final Pattern ADAPTER =
            Pattern.compile(
                    "(.+)\\.(lora_A|lora_B|lora_E|lora_magnitude_vector)(\\.default)?(\\.weight)?");

    /**
     * The parts of a name, or null if it does not begin as PEFT's do or belongs to a kind that is
     * not read here.
     */
    static PeftKey parse(String name) {
        if (!name.startsWith(PREFIX)) {
            return null;
        }
        var rest = name.substring(PREFIX.length());
        var match = ADAPTER.matcher(rest);
        if (match.matches()) {
            return new PeftKey(match.group(1), match.group(2));
        }
        return rest.contains(".lora_") || rest.isEmpty()
                ? null
                : new PeftKey(rest.replace(".modules_to_save", ""), null);
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
