package org.lowrank.report;

import java.util.Map;

/** Names of the library's optimizers as tables and charts show them. */
public final class MethodNames {

    private static final Map<String, String> SAID =
            Map.ofEntries(
                    Map.entry("sgd", "LoRA, gradient descent"),
                    Map.entry("adamw", "LoRA, AdamW"),
                    Map.entry("adamw_alternating", "LoRA, AdamW, in turn"),
                    Map.entry("lora_plus", "LoRA+"),
                    Map.entry("lora_fa", "LoRA-FA"),
                    Map.entry("lora_fa_projected", "LoRA-FA, projected"),
                    Map.entry("lora_pro_sgd", "LoRA-Pro, gradient descent"),
                    Map.entry("lora_pro", "LoRA-Pro, efficient"),
                    Map.entry("lora_pro_full", "LoRA-Pro, full mode"),
                    Map.entry("lora_pro_full_released", "LoRA-Pro, full mode, released"),
                    Map.entry("altlora", "AltLoRA"),
                    Map.entry("altlora_plus", "AltLoRA+"),
                    Map.entry("altlora_released", "AltLoRA, released"),
                    Map.entry("altlora_plus_released", "AltLoRA+, released"),
                    Map.entry("scaled_sgd", "scaled gradient descent"),
                    Map.entry("scaled_adamw", "scaled AdamW"),
                    Map.entry("lora_rite", "LoRA-RITE"),
                    Map.entry("lora_rite_in_altlora", "LoRA-RITE, as in AltLoRA"));

    private MethodNames() {}

    /**
     * What people call an optimizer of {@link org.lowrank.optim.Optimizers}; others as they are.
     */
    public static String of(String registered) {
        return SAID.getOrDefault(registered, registered);
    }
}
