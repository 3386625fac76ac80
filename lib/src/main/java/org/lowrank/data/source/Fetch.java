package org.lowrank.data.source;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command that fetches data sets: {@code java -cp lib/target/lowrank.jar …Fetch glue/CoLA}. */
@Command(
        name = "fetch",
        mixinStandardHelpOptions = true,
        description = "Fetches data sets into the folder LOWRANK_DATA (default ~/.cache/lowrank).")
public final class Fetch implements Callable<Integer> {

    private static final long REPORT_EVERY = 1 << 20;

    @Parameters(arity = "0..*", paramLabel = "SET", description = "for example glue/CoLA")
    private List<String> sets = new ArrayList<>();

    @Option(names = "--list", description = "lists the data sets there are, with their licences")
    private boolean list;

    @Option(names = "--into", paramLabel = "FOLDER", description = "another folder")
    private Path into;

    private long reported;

    private final PrintWriter out;

    private Fetch(PrintWriter out) {
        this.out = out;
    }

    /** Runs the command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        var out = new PrintWriter(System.out, true);
        System.exit(run(out, new PrintWriter(System.err, true), arguments));
    }

    /** Runs the command and returns its exit code: 0, or 1 if something could not be fetched. */
    static int run(PrintWriter out, PrintWriter err, String... arguments) {
        return new CommandLine(new Fetch(out))
                .setOut(out)
                .setErr(err)
                .setExecutionExceptionHandler(
                        (e, line, result) -> {
                            line.getErr().println(e.getMessage());
                            return 1;
                        })
                .execute(arguments);
    }

    /** What a reader types to fetch a set. */
    static String commandFor(String set) {
        return "java -cp lib/target/lowrank.jar " + Fetch.class.getName() + " " + set;
    }

    @Override
    public Integer call() throws IOException {
        if (list || sets.isEmpty()) {
            for (var name : Manifest.NAMES) {
                var manifest = Manifest.named(name);
                out.printf("%-16s %s (%s)%n", name, manifest.title(), manifest.licence());
            }
            return 0;
        }
        var root = into == null ? DataRoot.ofThisMachine() : new DataRoot(into);
        for (var set : sets) {
            fetch(Manifest.named(set), root);
        }
        return 0;
    }

    private void fetch(Manifest manifest, DataRoot root) throws IOException {
        out.println(manifest.name() + ": " + manifest.licence());
        if (manifest.artifact() != null) {
            var artifact = MavenArtifact.of(manifest.artifact());
            out.println("  " + LocalRepository.ofThisMachine().resolve(artifact));
            return;
        }
        new DatasetFetcher(root, this::report)
                .fetch(manifest)
                .forEach(file -> out.println("  " + file));
    }

    private void report(URI url, long done, long total) {
        if (done < reported || done - reported >= REPORT_EVERY || done == total) {
            reported = done;
            out.printf(
                    "  %s: %.1f of %s MB%n",
                    url,
                    done / 1e6,
                    total < 0 ? "an unknown number of" : String.format("%.1f", total / 1e6));
        }
    }
}
