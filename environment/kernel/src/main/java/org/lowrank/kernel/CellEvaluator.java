package org.lowrank.kernel;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import jdk.jshell.DeclarationSnippet;
import jdk.jshell.Diag;
import jdk.jshell.JShell;
import jdk.jshell.JShellException;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.SourceCodeAnalysis.Completeness;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;
import jdk.jshell.UnresolvedReferenceException;
import jdk.jshell.VarSnippet;

/** Evaluates cells statement by statement with JShell, in this JVM. */
final class CellEvaluator implements AutoCloseable {

    /**
     * What a cell ended with.
     *
     * @param object the last expression's value, or null
     * @param named whether the expression is just the name of a variable
     */
    record Value(Object object, boolean named) {
        static final Value NONE = new Value(null, false);
    }

    private final JShell shell;
    private final StatementControl control;
    private final Map<String, CellSource.Place> places = new HashMap<>();
    private final ClosedVariables closed = new ClosedVariables();

    CellEvaluator(KernelSettings settings) {
        StatementControl.Provider provider =
                new StatementControl.Provider(settings.statementTimeout());
        shell =
                JShell.builder()
                        .executionEngine(provider, Map.of())
                        .fileManager(CellEvaluator::withClassPath)
                        .compilerOptions(settings.compilerOptions().toArray(new String[0]))
                        .build();
        control = provider.control();
    }

    /**
     * Has the compiler settle its class path now. It does so when first asked, and the index of the
     * code analysis asks on a thread of its own: the entries that a first cell adds meanwhile would
     * be overwritten.
     */
    private static StandardJavaFileManager withClassPath(StandardJavaFileManager files) {
        files.getLocationAsPaths(StandardLocation.CLASS_PATH);
        return files;
    }

    void addToClasspath(String entry) {
        shell.addToClasspath(entry);
    }

    SourceCodeAnalysis analysis() {
        return shell.sourceCodeAnalysis();
    }

    CellThread cellThread() {
        return control.cellThread();
    }

    /** The run that the next statements belong to; an interrupt of it ends the cell. */
    void begin(Execution execution) {
        control.begin(execution);
    }

    void interrupt() {
        control.stop();
    }

    /**
     * Runs a cell.
     *
     * @param notes receives a line for each declaration that still lacks something it refers to
     * @throws CompileError if a statement is not valid Java; the statements before it have run
     * @throws InterruptedException if the reader interrupted the cell and the statement at work
     *     ended normally
     * @throws UserException around whatever a statement threw
     */
    Value evaluate(CellSource cell, Consumer<String> notes)
            throws CompileError, InterruptedException, UserException {
        Execution.ensureAttached();
        List<DeclarationSnippet> declared = new ArrayList<>();
        Redeclarations anew = new Redeclarations(shell);
        Value last = Value.NONE;
        int at = 0;
        while (at < cell.code().length()) {
            String rest = cell.code().substring(at);
            CompletionInfo info = analysis().analyzeCompletion(rest);
            if (info.completeness() == Completeness.EMPTY) {
                break;
            }
            int start = at + leadingBlanks(rest);
            if (info.completeness() == Completeness.DEFINITELY_INCOMPLETE) {
                throw new CompileError(cell, List.of(unended(cell, start)));
            }
            String source = info.source() == null ? rest : info.source();
            at =
                    info.source() == null
                            ? cell.code().length()
                            : cell.code().length() - info.remaining().length();
            last =
                    statement(
                            new CellSource.Place(cell, start),
                            source.stripLeading(),
                            declared,
                            anew);
            if (control.execution().stopRequested()) {
                throw new InterruptedException(
                        "the cell was interrupted after line " + cell.lineOf(at - 1));
            }
        }
        declared.forEach(snippet -> noteUnresolved(snippet, notes));
        anew.tell(notes);
        return last;
    }

    private static int leadingBlanks(String text) {
        return text.length() - text.stripLeading().length();
    }

    private static CompileError.Spot unended(CellSource cell, int start) {
        int lineEnd = cell.code().indexOf('\n', start);
        return new CompileError.Spot(
                start,
                lineEnd < 0 ? cell.code().length() : lineEnd,
                "the statement that starts here does not end in this cell");
    }

    private Value statement(
            CellSource.Place place,
            String source,
            List<DeclarationSnippet> declared,
            Redeclarations anew)
            throws CompileError, UserException {
        control.clear();
        Value value = Value.NONE;
        for (SnippetEvent event : shell.eval(source)) {
            if (event.causeSnippet() != null) {
                anew.see(event);
                continue;
            }
            Snippet snippet = event.snippet();
            places.put(snippet.id(), place);
            if (isRejected(event)) {
                throw compileError(place, source, snippet);
            }
            if (event.exception() != null) {
                throwFailure(place, source, event.exception());
            }
            if (snippet instanceof DeclarationSnippet declaration) {
                declared.add(declaration);
            }
            if (snippet instanceof VarSnippet variable) {
                closed.declared(variable.name());
            }
            value = valueOf(snippet);
        }
        closed.ran(source, place.cell().name(), this::cellOfVariable);
        return value;
    }

    private String cellOfVariable(String name) {
        return shell.variables()
                .filter(v -> v.name().equals(name) && places.containsKey(v.id()))
                .map(v -> places.get(v.id()).cell().name())
                .findFirst()
                .orElse(null);
    }

    private static boolean isRejected(SnippetEvent event) {
        return event.status() == Snippet.Status.REJECTED
                || !(event.snippet() instanceof DeclarationSnippet) && !event.status().isDefined();
    }

    private Value valueOf(Snippet snippet) {
        return switch (snippet.subKind()) {
            case TEMP_VAR_EXPRESSION_SUBKIND, OTHER_EXPRESSION_SUBKIND ->
                    new Value(control.value(), false);
            case VAR_VALUE_SUBKIND -> new Value(control.value(), true);
            default -> Value.NONE;
        };
    }

    private CompileError compileError(CellSource.Place place, String source, Snippet snippet) {
        int base = place.offset() + Math.max(0, source.indexOf(snippet.source()));
        List<CompileError.Spot> spots =
                shell.diagnostics(snippet)
                        .filter(Diag::isError)
                        .map(
                                d ->
                                        new CompileError.Spot(
                                                base + (int) d.getStartPosition(),
                                                base + (int) d.getEndPosition(),
                                                d.getMessage(null)))
                        .toList();
        return new CompileError(place.cell(), spots);
    }

    private void throwFailure(CellSource.Place place, String source, JShellException exception)
            throws CompileError, UserException {
        if (exception instanceof UnresolvedReferenceException unresolved) {
            DeclarationSnippet declaration = unresolved.getSnippet();
            String missing = missing(declaration);
            String message =
                    missing.isEmpty()
                            ? declaration.name()
                                    + " no longer fits what was declared since: "
                                    + Redeclarations.reason(shell, declaration)
                            : declaration.name()
                                    + " cannot be used until this is declared: "
                                    + missing;
            throw new CompileError(
                    place.cell(),
                    List.of(
                            new CompileError.Spot(
                                    place.offset(), place.offset() + source.length(), message)));
        }
        Throwable thrown = control.thrown();
        if (thrown instanceof CompileError inner) {
            throw inner; // of code that this statement evaluated, such as a loaded file
        }
        if (thrown instanceof UserException inner) {
            throw inner;
        }
        Throwable cause = thrown == null ? exception : thrown;
        throw UserException.of(cause, exception, places::get, closed.advice(cause));
    }

    private String missing(DeclarationSnippet snippet) {
        return shell.unresolvedDependencies(snippet).collect(Collectors.joining(", "));
    }

    private void noteUnresolved(DeclarationSnippet snippet, Consumer<String> notes) {
        String missing = missing(snippet);
        if (!missing.isEmpty() && shell.status(snippet).isActive()) {
            notes.accept(snippet.name() + " cannot be used until this is declared: " + missing);
        }
    }

    @Override
    public void close() {
        shell.close();
    }
}
