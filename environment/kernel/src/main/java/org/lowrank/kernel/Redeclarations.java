package org.lowrank.kernel;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import jdk.jshell.DeclarationSnippet;
import jdk.jshell.Diag;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;

/**
 * What one cell's new declarations did to older ones: a variable of a class that is declared anew
 * loses its value, a method may no longer fit. JShell does it in silence.
 */
final class Redeclarations {

    private final JShell shell;
    private final Map<DeclarationSnippet, String> harmed = new LinkedHashMap<>();

    Redeclarations(JShell shell) {
        this.shell = shell;
    }

    /** Takes note of an event that another snippet caused. */
    void see(SnippetEvent event) {
        if (event.snippet() instanceof DeclarationSnippet declaration
                && event.causeSnippet() instanceof DeclarationSnippet cause
                && event.previousStatus() == Snippet.Status.VALID
                && event.status() != Snippet.Status.OVERWRITTEN
                && (declaration.kind() == Snippet.Kind.VAR
                        || event.status() != Snippet.Status.VALID)) {
            harmed.put(declaration, cause.name());
        }
    }

    /** A line for each declaration that is still harmed now that the cell has ended. */
    void tell(Consumer<String> notes) {
        harmed.forEach(
                (declaration, cause) -> {
                    Snippet.Status status = shell.status(declaration);
                    if (!status.isActive()) {
                        return; // declared anew itself
                    }
                    if (declaration.kind() == Snippet.Kind.VAR) {
                        notes.accept(
                                declaration.name()
                                        + " has lost its value, because "
                                        + cause
                                        + " was declared anew: run its cell again");
                    } else if (status != Snippet.Status.VALID) {
                        notes.accept(
                                declaration.name()
                                        + " no longer fits, because "
                                        + cause
                                        + " was declared anew: "
                                        + reason(shell, declaration));
                    }
                });
    }

    /** Why a declaration cannot be used: what is not declared, or what the compiler says. */
    static String reason(JShell shell, DeclarationSnippet declaration) {
        String missing =
                shell.unresolvedDependencies(declaration).collect(Collectors.joining(", "));
        if (!missing.isEmpty()) {
            return "it needs " + missing;
        }
        return shell.diagnostics(declaration)
                .filter(Diag::isError)
                .map(d -> d.getMessage(null).lines().findFirst().orElse(""))
                .collect(Collectors.joining("; "));
    }
}
