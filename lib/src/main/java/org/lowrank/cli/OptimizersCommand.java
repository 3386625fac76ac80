package org.lowrank.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.lowrank.optim.Optimizers;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What an optimizer's name in a specification stands for. */
@Command(
        name = "optimizers",
        description = "The optimizers by name; with a name, its options, defaults and ranges.",
        mixinStandardHelpOptions = true)
final class OptimizersCommand implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Parameters(arity = "0..*", paramLabel = "NAME", description = "as a specification writes it")
    private List<String> names = List.of();

    @Override
    public Integer call() {
        var out = spec.commandLine().getOut();
        if (names.isEmpty()) {
            for (var name : Optimizers.names()) {
                out.printf("%-24s %s%n", name, Optimizers.description(name));
            }
        }
        names.forEach(name -> out.print(Optimizers.help(name)));
        out.flush();
        return CommandLine.ExitCode.OK;
    }
}
