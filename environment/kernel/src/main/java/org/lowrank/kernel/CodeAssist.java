package org.lowrank.kernel;

import io.github.spencerpark.jupyter.kernel.ReplacementOptions;
import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import jdk.jshell.Snippet;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.SourceCodeAnalysis.Completeness;
import jdk.jshell.SourceCodeAnalysis.Documentation;
import jdk.jshell.SourceCodeAnalysis.Suggestion;

/**
 * Completion and explanation of code at a cursor. JShell does one thing at a time: whoever runs a
 * cell holds this object meanwhile.
 */
final class CodeAssist {

    /** Magics stand where a line begins. */
    private static final Pattern MAGIC = Pattern.compile("(?m)^[ \\t]*(%%?\\w*)\\z");

    /** As JShell writes a method: {@code int Math.max(int a, int b)}, with what it may throw. */
    private static final Pattern METHOD =
            Pattern.compile("(?:.*\\s)?(?:([\\w.]+)(?:<.*>)?\\.)?(\\w+)\\((.*)\\).*");

    private static final Pattern SIMPLE_NAME = Pattern.compile("[A-Z]\\w*");

    /** How long an answer waits for the index of the class path, which JShell makes beside it. */
    private static final int INDEX_TENTHS = 30;

    private final SourceCodeAnalysis analysis;
    private final SourceDocs docs;
    private final KernelMagics magics;

    CodeAssist(SourceCodeAnalysis analysis, SourceDocs docs, KernelMagics magics) {
        this.analysis = analysis;
        this.docs = docs;
        this.magics = magics;
    }

    /** Does once, in a thread of its own, what the first completion would wait for. */
    void warmUpBeside() {
        Thread warm = new Thread(this::warmUp, "warm up completion");
        warm.setDaemon(true);
        warm.start();
    }

    private synchronized void warmUp() {
        analysis.completionSuggestions("Math.ma", 7, new int[1]);
        analysis.documentation("Math.max(", 9, false);
    }

    synchronized ReplacementOptions complete(String code, int at) {
        Matcher magic = MAGIC.matcher(code.substring(0, at));
        if (magic.find()) {
            int start = magic.start(1);
            boolean first = code.substring(0, start).isBlank();
            return new ReplacementOptions(magics.beginningWith(magic.group(1), first), start, at);
        }
        String java = MagicSyntax.withoutMagics(code);
        int[] anchor = {at};
        List<String> continuations = continuations(java, at, anchor);
        if (continuations.isEmpty()) { // a cell may hold imports and methods before statements
            continuations = continuations(withoutDeclarations(java, at), at, anchor);
        }
        return new ReplacementOptions(continuations, anchor[0], at);
    }

    private List<String> continuations(String java, int at, int[] anchor) {
        return analysis.completionSuggestions(java, at, anchor).stream()
                .map(Suggestion::continuation)
                .distinct()
                .toList();
    }

    /** The code with blanks for the imports, methods and classes that end before a place. */
    private String withoutDeclarations(String java, int at) {
        var text = new StringBuilder(java);
        int start = 0;
        while (start < at) {
            var info = analysis.analyzeCompletion(java.substring(start));
            int end = java.length() - info.remaining().length();
            if (!info.completeness().isComplete() || end >= at || end <= start) {
                break;
            }
            if (isDeclaration(info.source())) {
                for (int i = start; i < end; i++) {
                    text.setCharAt(i, text.charAt(i) == '\n' ? '\n' : ' ');
                }
            }
            start = end;
        }
        return text.toString();
    }

    private boolean isDeclaration(String source) {
        return analysis.sourceToSnippets(source).stream()
                .map(Snippet::kind)
                .anyMatch(
                        kind ->
                                kind == Snippet.Kind.IMPORT
                                        || kind == Snippet.Kind.METHOD
                                        || kind == Snippet.Kind.TYPE_DECL);
    }

    /**
     * Signatures of what stands at the cursor, with their Javadoc where its source is at hand; of a
     * class that is not imported, its import; null if there is nothing to say.
     */
    synchronized DisplayData inspect(String code, int at, boolean withJavadoc) {
        String java = MagicSyntax.withoutMagics(code);
        int end = at;
        while (end < java.length() && Character.isJavaIdentifierPart(java.charAt(end))) {
            end++;
        }
        List<Documentation> found = analysis.documentation(java, end, true);
        if (found.isEmpty()) { // JShell explains a method only inside its parentheses
            found = analysis.documentation(java.substring(0, end) + "(", end + 1, true);
        }
        if (found.isEmpty()) {
            return imports(java, end);
        }
        List<String> plain = new ArrayList<>();
        List<String> markdown = new ArrayList<>();
        for (Documentation one : found) {
            String comment = comment(one).map(JavadocText::markdown).orElse("");
            plain.add((one.signature() + "\n" + comment).strip());
            markdown.add("```java\n" + one.signature() + "\n```\n" + comment);
        }
        DisplayData data =
                new DisplayData(plain.stream().distinct().collect(Collectors.joining("\n\n")));
        data.putMarkdown(markdown.stream().distinct().collect(Collectors.joining("\n\n")));
        return data;
    }

    private Optional<String> comment(Documentation one) {
        if (one.javadoc() != null) {
            return Optional.of(one.javadoc());
        }
        Matcher method = METHOD.matcher(one.signature());
        if (!method.matches()) {
            String type = one.signature().replaceAll("<.*", "");
            return docs.of(type, null, List.of());
        }
        String simple = method.group(1) == null ? method.group(2) : method.group(1);
        return fullNames(simple).stream()
                .flatMap(type -> docs.of(type, method.group(2), types(method.group(3))).stream())
                .findFirst();
    }

    /** The classes of a simple name: that which the notebook knows by it, then all. */
    private List<String> fullNames(String simple) {
        List<String> names = new ArrayList<>();
        String outer = simple.replaceAll("\\..*", "");
        String nested = simple.substring(outer.length());
        analysis.documentation(outer, outer.length(), false)
                .forEach(d -> names.add(d.signature().replaceAll("<.*", "") + nested));
        qualified(outer).forEach(name -> names.add(name + nested));
        return names;
    }

    /** The classes of that simple name on the class path; the first asked may have to wait. */
    private List<String> qualified(String simple) {
        var names = analysis.listQualifiedNames(simple, simple.length());
        try {
            for (int i = 0; i < INDEX_TENTHS && !names.isUpToDate(); i++) {
                Thread.sleep(100);
                names = analysis.listQualifiedNames(simple, simple.length());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return names.getNames();
    }

    /** {@code List<String> a, int... b} without names and packages, as sources write them. */
    private static List<String> types(String parameters) {
        if (parameters.isBlank()) {
            return List.of();
        }
        return Arrays.stream(parameters.split(",\\s*(?![^<>]*>)"))
                .map(p -> p.strip().replaceAll("\\s+\\w+$", ""))
                .map(p -> p.replaceAll("\\b(?:[a-z_]\\w*\\.)+", ""))
                .toList();
    }

    /** Imports that would make a name known. */
    private DisplayData imports(String java, int end) {
        int start = end;
        while (start > 0 && Character.isJavaIdentifierPart(java.charAt(start - 1))) {
            start--;
        }
        String name = java.substring(start, end);
        if (!SIMPLE_NAME.matcher(name).matches()) {
            return null;
        }
        List<String> names = qualified(name);
        return names.isEmpty()
                ? null
                : new DisplayData(
                        names.stream()
                                .map(n -> "import " + n + ";")
                                .collect(Collectors.joining("\n")));
    }

    synchronized Completeness completeness(String code) {
        return analysis.analyzeCompletion(MagicSyntax.withoutMagics(code)).completeness();
    }
}
