package org.lowrank.experiment.run;

import org.lowrank.experiment.spec.Grid;
import org.lowrank.experiment.spec.RunConfig;
import org.lowrank.experiment.spec.SpecificationReader;

/** Specifications of small real tables. */
public final class Spirals {

    private Spirals() {}

    /** Two tasks, three methods, two rates and a row for the frozen network. */
    public static String table() {
        return """
                {
                  "name": "spirals",
                  "base": {
                    "model": "mlp",
                    "adapter": {"rank": 3, "lora_alpha": 6},
                    "training": {"steps": 40, "batch_size": 16, "evaluate_every": 20}
                  },
                  "tasks": [
                    {"label": "small", "with": {"task": {"name": "spiral/small"}}},
                    {"label": "large", "with": {"task": {"name": "spiral/large"}}}
                  ],
                  "methods": [
                    {"label": "LoRA", "with": {"optimizer": {"name": "adamw"}}},
                    {"label": "LoRA-Pro", "with": {"optimizer": {"name": "lora_pro"}}},
                    {"label": "AltLoRA", "with": {"optimizer": {"name": "altlora"}}}
                  ],
                  "protocol": {
                    "learning_rates": [0.005, 0.02],
                    "seeds": [1, 2],
                    "max_extensions": 0
                  },
                  "baseline": "LoRA",
                  "profiles": {"long": {"base": {"training": {"steps": 400}}}}
                }
                """;
    }

    /** {@code table} with one text in place of another. */
    public static Grid grid(String old, String now) {
        return SpecificationReader.parse(table().replace(old, now), "", "test.json");
    }

    public static Grid grid() {
        return grid("", "");
    }

    /** One run of the small task by LoRA. */
    public static RunConfig run(String optimizer, int steps, long seed) {
        return SpecificationReader.parse(
                        table().replace("\"steps\": 40", "\"steps\": " + steps), "", "test.json")
                .cells()
                .stream()
                .filter(cell -> cell.template().at("/optimizer/name").asText().equals(optimizer))
                .filter(cell -> cell.template().at("/adapter/layer").isMissingNode())
                .findFirst()
                .orElseThrow()
                .config(0.02, seed, RunConfig.Phase.evaluation);
    }
}
