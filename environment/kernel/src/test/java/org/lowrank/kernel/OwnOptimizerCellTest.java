package org.lowrank.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A reader's own optimizer, written in a cell of this kernel, in a table of the library. */
class OwnOptimizerCellTest {

    private static final Path LIBRARY = Path.of("../../lib/target").toAbsolutePath().normalize();

    private static final String OPTIMIZER =
            """
            import ai.djl.ndarray.*;
            import java.nio.file.*;
            import java.util.*;
            import org.lowrank.experiment.run.*;
            import org.lowrank.experiment.record.*;
            import org.lowrank.experiment.spec.*;
            import org.lowrank.optim.*;

            record Lion(double beta1, double beta2) implements FactorStage {
                public List<String> names() { return List.of("momentum"); }
                public NDArray direction(FactorStep f, NDArray g) {
                    var m = f.kept("momentum");
                    var d = m.mul(beta1).addi(g.mul(1 - beta1)).sign();
                    m.muli(beta2).addi(g.mul(1 - beta2));
                    return d;
                }
            }
            Optimizers.register("lion", "Lion on A and B", Decay.OPTIONS,
                    o -> PairOptimizer.of(new Lion(0.9, 0.99), Decay.from(o)));
            """;

    private static final String TABLE =
            """
            var table = SpecificationReader.parse(\"""
                {"name": "own",
                 "base": {"model": "slow-mlp", "task": {"name": "spiral/small"},
                          "adapter": {"rank": 3, "lora_alpha": 6},
                          "training": {"steps": 20, "batch_size": 16}},
                 "tasks": [{"label": "small"}],
                 "methods": [
                   {"label": "LoRA", "with": {"optimizer": {"name": "adamw"}}},
                   {"label": "Lion", "with": {"optimizer": {"name": "lion"}}}],
                 "frozen_encoder": false,
                 "protocol": {"kind": "fixed", "learning_rates": [0.005], "seeds": [1]}}
                \""", "", "cell");
            var folder = RunFolder.at(Path.of("FOLDER"));
            Experiments.loadOrRun(table, folder, EngineOptions.ofJobs(1), s -> {});
            for (var hash : folder.hashes()) {
                var record = folder.record(hash).orElseThrow();
                var optimizer = record.runInfo().config().optimizer();
                System.out.println(optimizer.name() + " " + record.status()
                        + " own code: " + (optimizer.code() != null));
            }
            """;

    @Test
    @Timeout(240)
    void runsBesideABuiltInOne(@TempDir Path folder) throws Exception {
        var jar = LIBRARY.resolve("lowrank.jar");
        var toys = LIBRARY.resolve("test-classes");
        assumeTrue(
                Files.exists(jar) && Files.isDirectory(toys),
                "the library is not built: mvn verify in the root builds it first");
        try (var kernel = new KernelProcess(folder, Map.of())) {
            kernel.awaitReady();
            run(kernel, "%classpath " + jar + "\n%classpath " + toys);
            run(kernel, OPTIMIZER);
            var printed = run(kernel, TABLE.replace("FOLDER", folder.resolve("runs").toString()));
            assertTrue(printed.contains("lion finished own code: true"), printed);
            assertTrue(printed.contains("adamw finished own code: false"), printed);
        }
    }

    private static String run(KernelProcess kernel, String code) {
        var published = kernel.published(kernel.execute(code));
        var printed =
                published.stream()
                        .filter(m -> m.type().equals("stream") || m.type().equals("error"))
                        .map(m -> m.content().toString())
                        .collect(Collectors.joining("\n"));
        assertEquals("ok", kernel.reply().content().get("status").getAsString(), printed);
        return printed;
    }
}
