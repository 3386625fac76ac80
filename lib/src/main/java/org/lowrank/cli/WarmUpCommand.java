package org.lowrank.cli;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.concurrent.Callable;
import org.lowrank.config.Json;
import org.lowrank.experiment.spec.RunConfig;
import org.lowrank.optim.Optimizers;
import org.lowrank.task.Tasks;
import picocli.CommandLine.Command;

/**
 * Loads the classes that every run loads, so that Java can write them to an archive when this ends
 * ({@code -XX:ArchiveClassesAtExit}); {@code environment/setup} does. A process that starts from
 * the archive starts a third faster.
 */
@Command(name = "warm-up", hidden = true)
final class WarmUpCommand implements Callable<Integer> {

    @Override
    public Integer call() throws Exception {
        var config = new RunConfig(null, null, null, null, null, null, null, null, null);
        Json.mapper().readValue(Json.pretty(config), RunConfig.class);
        Tasks.names();
        for (var name : Optimizers.names()) {
            Optimizers.create(name, Optimizers.options(name)).close();
        }
        try (var manager = NDManager.newBaseManager();
                var x = manager.ones(new Shape(2, 2), DataType.FLOAT32)) {
            x.setRequiresGradient(true);
            try (var collector = Engine.getInstance().newGradientCollector();
                    var product = x.matMul(x);
                    var sum = product.sum()) {
                collector.backward(sum);
            }
        }
        return 0;
    }
}
