package org.lowrank.cli;

import java.util.LinkedHashMap;
import java.util.concurrent.Callable;
import org.lowrank.experiment.memory.LargestNeed;
import org.lowrank.experiment.run.PlanPrinter;
import org.lowrank.experiment.spec.RunConfig;
import org.lowrank.report.PaperTable;
import org.lowrank.report.PaperTables;
import org.lowrank.report.ResultTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "plan",
        description = "Prints the runs of a table, what is there, and an estimate of the time.",
        mixinStandardHelpOptions = true)
final class PlanCommand implements Callable<Integer> {

    @Mixin private SpecificationOptions specification;

    @Option(
            names = "--write",
            description =
                    "Print the names of the missing runs alone, and write their configurations, for"
                            + " run-one on any machine that sees the folder.")
    private boolean write;

    @Override
    public Integer call() throws Exception {
        var planner = specification.planner();
        if (write) {
            for (var run : planner.missing()) {
                specification.folder().request(run.config());
                System.out.println(run.hash());
            }
            return 0;
        }
        System.out.print(PlanPrinter.print(planner, specification.folder()));
        var missing = new LinkedHashMap<String, RunConfig>();
        planner.missing().forEach(run -> missing.put(run.label(), run.config()));
        System.out.print(LargestNeed.of(missing));
        RunNeeds.of(planner).ifPresent(System.out::print);
        for (var id : ResultTable.of(planner).unusedReferences()) {
            var table = PaperTables.get(id);
            System.out.printf(
                    "No number of %s belongs to a cell of this table: its methods are %s, its"
                            + " columns %s; \"paper\" of a method or task gives its name there.%n",
                    id,
                    String.join(", ", table.methods()),
                    String.join(
                            ", ", table.columns().stream().map(PaperTable.Column::name).toList()));
        }
        return 0;
    }
}
