package org.lowrank.experiment.run;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import jdk.jshell.JShell;
import jdk.jshell.SnippetEvent;

/** A process that runs a file of cells as a notebook does; ends with 1 at the first error. */
public final class CellSession {

    private CellSession() {}

    /**
     * @param arguments the file, in which a line of dashes parts two cells
     */
    public static void main(String[] arguments) throws Exception {
        try (var shell = JShell.builder().executionEngine("local").build()) {
            for (var place : System.getProperty("java.class.path").split(File.pathSeparator)) {
                shell.addToClasspath(place);
            }
            for (var cell : Files.readString(Path.of(arguments[0])).split("(?m)^---+$")) {
                var rest = cell.strip();
                while (!rest.isBlank()) {
                    var part = shell.sourceCodeAnalysis().analyzeCompletion(rest);
                    shell.eval(part.source()).forEach(event -> check(shell, event));
                    rest = part.remaining();
                }
            }
        }
        System.exit(0);
    }

    private static void check(JShell shell, SnippetEvent event) {
        var told = shell.diagnostics(event.snippet()).map(d -> d.getMessage(null)).toList();
        if (event.exception() != null || !told.isEmpty()) {
            System.err.println(event.snippet().source() + " " + told);
            if (event.exception() != null) {
                event.exception().printStackTrace();
            }
            System.exit(1);
        }
    }
}
