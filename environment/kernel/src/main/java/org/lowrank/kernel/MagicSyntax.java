package org.lowrank.kernel;

import io.github.spencerpark.jupyter.kernel.magic.MagicParser;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Rewrites magics, {@code %name args} and {@code %%name args}, as calls of {@link Notebook}, line
 * for line.
 */
final class MagicSyntax {

    /**
     * A line magic stands at the start of a line or right of an equals sign; a remainder operator
     * does not.
     */
    private final MagicParser parser =
            new MagicParser("(?:^[ \\t]*|(?<==)[ \\t]*)%(?=[A-Za-z])", "%%");

    String toJava(String code) {
        String java =
                parser.transformCellMagic(
                        code,
                        c ->
                                "{ cellMagic("
                                        + literal(c.getMagicCall().getName())
                                        + ", "
                                        + list(c.getMagicCall().getArgs())
                                        + ", "
                                        + literal(c.getMagicCall().getBody())
                                        + "); }");
        return parser.transformLineMagics(
                java,
                c -> {
                    String call =
                            "lineMagic("
                                    + literal(c.getMagicCall().getName())
                                    + ", "
                                    + list(c.getMagicCall().getArgs())
                                    + ");";
                    return c.getLinePrefix().isBlank() ? "{ " + call + " }" : call;
                });
    }

    private static String list(List<String> arguments) {
        return "java.util.List.of("
                + arguments.stream().map(MagicSyntax::literal).collect(Collectors.joining(", "))
                + ")";
    }

    private static String literal(String text) {
        StringBuilder java = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            java.append(
                    switch (c) {
                        case '"' -> "\\\"";
                        case '\\' -> "\\\\";
                        case '\n' -> "\\n";
                        case '\r' -> "\\r";
                        default -> String.valueOf(c);
                    });
        }
        return java.append('"').toString();
    }
}
