package org.lowrank.adapter.kind;

import java.util.List;
import org.lowrank.adapter.LayerKinds;
import org.lowrank.config.Extension;

/** Enters the layer kinds of this room. */
public final class BuiltInKinds implements Extension {

    @Override
    public void register() {
        LayerKinds.register("lora", "LoRA, arXiv 2106.09685", List.of(), options -> new Lora());
        LayerKinds.register("dora", "DoRA, arXiv 2402.09353", List.of(), options -> new Dora());
        LayerKinds.register("adalora", "AdaLoRA, arXiv 2303.10512", AdaLora.OPTIONS, AdaLora::from);
        LayerKinds.register(
                "experts",
                "several pairs mixed by a gate, arXiv 2505.12455 (table 10)",
                Experts.OPTIONS,
                Experts::from);
    }
}
