package org.lowrank.kernel;

import io.github.spencerpark.jupyter.kernel.ReplacementOptions;
import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import java.util.List;
import java.util.stream.Collectors;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.SourceCodeAnalysis.Completeness;
import jdk.jshell.SourceCodeAnalysis.Documentation;
import jdk.jshell.SourceCodeAnalysis.Suggestion;

/** Completion and explanation of code at a cursor. */
final class CodeAssist {

    private final SourceCodeAnalysis analysis;

    CodeAssist(SourceCodeAnalysis analysis) {
        this.analysis = analysis;
    }

    ReplacementOptions complete(String code, int at) {
        int[] anchor = {at};
        List<String> continuations =
                analysis.completionSuggestions(MagicSyntax.withoutMagics(code), at, anchor).stream()
                        .map(Suggestion::continuation)
                        .distinct()
                        .toList();
        return new ReplacementOptions(continuations, anchor[0], at);
    }

    /**
     * Signatures of what is called at the cursor, with their Javadoc where its source is at hand,
     * or null.
     */
    DisplayData inspect(String code, int at, boolean withJavadoc) {
        String java = MagicSyntax.withoutMagics(code);
        List<Documentation> found = analysis.documentation(java, at, withJavadoc);
        if (found.isEmpty()) { // JShell explains a method only inside its parentheses
            int end = at;
            while (end < java.length() && Character.isJavaIdentifierPart(java.charAt(end))) {
                end++;
            }
            found = analysis.documentation(java.substring(0, end) + "(", end + 1, withJavadoc);
        }
        if (found.isEmpty()) {
            return null;
        }
        return new DisplayData(
                found.stream()
                        .map(CodeAssist::text)
                        .distinct()
                        .collect(Collectors.joining("\n\n")));
    }

    private static String text(Documentation documentation) {
        String javadoc = documentation.javadoc();
        return javadoc == null
                ? documentation.signature()
                : documentation.signature() + "\n" + javadoc;
    }

    Completeness completeness(String code) {
        return analysis.analyzeCompletion(MagicSyntax.withoutMagics(code)).completeness();
    }
}
