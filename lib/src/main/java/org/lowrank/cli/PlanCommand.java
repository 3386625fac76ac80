package org.lowrank.cli;

import java.util.concurrent.Callable;
import org.lowrank.experiment.PlanPrinter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "plan",
        description = "Prints the runs of a table, what is there, and an estimate of the time.",
        mixinStandardHelpOptions = true)
final class PlanCommand implements Callable<Integer> {

    @Mixin private SpecificationOptions specification;

    @Override
    public Integer call() throws Exception {
        var planner = specification.planner();
        System.out.print(PlanPrinter.print(planner, specification.folder()));
        return 0;
    }
}
