package org.lowrank.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.lowrank.engine.FileFault;
import org.lowrank.engine.Machine;
import org.lowrank.experiment.spec.SpecificationException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command {@code lowrank}. */
@Command(
        name = "lowrank",
        description = "Experiments with low-rank adaptation: specifications in, tables out.",
        mixinStandardHelpOptions = true,
        version = "lowrank 0.1.0",
        subcommands = {
            PlanCommand.class,
            RunCommand.class,
            RunOneCommand.class,
            StatusCommand.class,
            TableCommand.class,
            CleanCommand.class,
            OptimizersCommand.class,
            BenchCommand.class,
            FetchCommand.class,
            TuneCommand.class,
            ScoreCommand.class,
            GenerateCommand.class,
            ChatCommand.class,
            FiguresCommand.class,
            DevicesCommand.class,
            WarmUpCommand.class
        })
public final class Lowrank implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().usage(System.out);
        return CommandLine.ExitCode.USAGE;
    }

    /** Runs the command line and ends the process with its code. */
    public static void main(String[] arguments) {
        Machine.writePlainNumbers();
        System.exit(execute(arguments));
    }

    /** Runs the command line; returns its code. */
    public static int execute(String... arguments) {
        return new CommandLine(new Lowrank())
                .registerConverter(java.time.Duration.class, Durations::parse)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(Lowrank::explain)
                .execute(arguments);
    }

    /** {@code NoSuchFileException} is "no such file". */
    private static String kind(Exception error) {
        var name = error.getClass().getSimpleName().replace("Exception", "");
        return name.replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    }

    private static int explain(
            Exception error, CommandLine command, CommandLine.ParseResult result) {
        var out = command.getErr();
        if (error instanceof SpecificationException || error instanceof IllegalArgumentException) {
            out.println(error.getMessage());
        } else if (error instanceof UncheckedIOException) {
            out.println(FileFault.sentence(error));
        } else if (error instanceof IOException) {
            // those of the kit say all; of Java's own the name is a part of what is said
            boolean told =
                    error.getClass().getName().startsWith("org.lowrank.")
                            || error instanceof FileSystemException
                            || error.getClass() == IOException.class;
            out.println((told ? "" : kind(error) + ": ") + FileFault.sentence(error));
        } else {
            error.printStackTrace(out);
        }
        out.flush();
        return CommandLine.ExitCode.SOFTWARE;
    }
}
