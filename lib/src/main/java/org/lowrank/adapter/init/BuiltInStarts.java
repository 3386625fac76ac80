package org.lowrank.adapter.init;

import java.util.List;
import org.lowrank.adapter.Initialization;
import org.lowrank.adapter.Initializations;
import org.lowrank.adapter.init.RandomStart.Law;
import org.lowrank.config.Extension;

/** Enters the initialisations of this room. */
public final class BuiltInStarts implements Extension {

    @Override
    public void register() {
        plain("kaiming", "A uniform on ±1/sqrt(in), B = 0", new RandomStart(Law.KAIMING, false));
        plain(
                "kaiming_swapped",
                "A = 0, B uniform on ±1/sqrt(r) (AltLoRA, table 11)",
                new RandomStart(Law.KAIMING, true));
        plain("gaussian", "A normal of deviation 1/r, B = 0", new RandomStart(Law.GAUSSIAN, false));
        plain(
                "gaussian_swapped",
                "A = 0, B normal of deviation 1/r (AltLoRA, table 11)",
                new RandomStart(Law.GAUSSIAN, true));
        plain("orthogonal", "neither factor zero, BA = 0; r even", new Orthogonal());
        plain("spectral", "A from W0's singular vectors, B = 0", new Spectral(false));
        plain("spectral_swapped", "A = 0, B from W0's singular vectors", new Spectral(true));
        Initializations.register(
                "pissa",
                "W0's principal part, taken out of W0; arXiv 2404.02948",
                List.of(Pissa.ITERATIONS),
                options -> new Pissa(options.get(Pissa.ITERATIONS)));
        Initializations.register(
                "lora_ga",
                "orthogonal directions of W0's gradient, taken out of W0; arXiv 2407.05000",
                LoraGa.OPTIONS,
                LoraGa::from);
        Initializations.register(
                "lora_one",
                "one step of full fine-tuning at rank r; arXiv 2502.01235",
                LoraOne.OPTIONS,
                LoraOne::from);
        plain(
                "adalora",
                "A and B normal of deviation 0.02, for E = 0 between them",
                new RandomStart(Law.ADALORA, false));
    }

    private static void plain(String name, String what, Initialization start) {
        Initializations.register(name, what, List.of(), options -> start);
    }
}
