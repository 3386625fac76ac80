package org.lowrank.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Javadoc comment as Markdown: what a reader needs of it, without its tags. */
final class JavadocText {

    private static final Pattern BLOCK = Pattern.compile("(?m)^\\s*@(\\w+)\\s*");
    private static final Pattern CODE =
            Pattern.compile("\\{@(?:code|literal|value)\\s+([^{}]*)\\}");
    private static final Pattern LINK =
            Pattern.compile("\\{@link(?:plain)?\\s+([^\\s{}]+)\\s*([^{}]*)\\}");
    private static final Pattern OTHER = Pattern.compile("\\{@\\w+\\s*([^{}]*)\\}");

    private JavadocText() {}

    /** The comment's text, then its parameters, what is returned and thrown. */
    static String markdown(String comment) {
        Matcher tag = BLOCK.matcher(comment);
        int end = comment.length();
        List<String> blocks = new ArrayList<>();
        int textEnd = end;
        List<int[]> starts = new ArrayList<>();
        while (tag.find()) {
            textEnd = Math.min(textEnd, tag.start());
            starts.add(new int[] {tag.start(1), tag.end(1), tag.end()});
        }
        for (int i = 0; i < starts.size(); i++) {
            int until = i + 1 < starts.size() ? starts.get(i + 1)[0] - 1 : end;
            int[] start = starts.get(i);
            block(
                            comment.substring(start[0], start[1]),
                            comment.substring(start[2], Math.max(start[2], until)))
                    .ifPresent(blocks::add);
        }
        String text = inline(comment.substring(0, textEnd));
        return blocks.isEmpty() ? text : text + "\n\n" + String.join("\n", blocks);
    }

    private static Optional<String> block(String tag, String text) {
        String body = inline(text).replaceAll("\\s+", " ");
        int space = body.indexOf(' ');
        String name = space < 0 ? body : body.substring(0, space);
        String rest = space < 0 ? "" : body.substring(space + 1);
        return Optional.ofNullable(
                switch (tag) {
                    case "param" -> "- `" + name + "`: " + rest;
                    case "return" -> "- returns " + body;
                    case "throws", "exception" -> "- throws `" + name + "` " + rest;
                    default -> null;
                });
    }

    private static String inline(String text) {
        String plain = CODE.matcher(text).replaceAll("`$1`");
        plain =
                LINK.matcher(plain)
                        .replaceAll(
                                link ->
                                        Matcher.quoteReplacement(
                                                link.group(2).isBlank()
                                                        ? "`"
                                                                + link.group(1).replace('#', '.')
                                                                + "`"
                                                        : link.group(2).strip()));
        plain = OTHER.matcher(plain).replaceAll("$1");
        plain =
                plain.replaceAll("(?i)\\s*</?p>\\s*", "\n\n")
                        .replaceAll("(?i)</?(i|em|var)>", "*")
                        .replaceAll("(?i)</?(b|strong)>", "**")
                        .replaceAll("(?i)</?(code|tt)>", "`")
                        .replaceAll("(?i)<pre>", "\n```\n")
                        .replaceAll("(?i)</pre>", "\n```\n")
                        .replaceAll("(?i)<li>", "\n- ")
                        .replaceAll("<[^<>]*>", "");
        return plain.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&nbsp;", " ")
                .replace("&amp;", "&")
                .replaceAll("(?m)^ +", "")
                .strip();
    }
}
