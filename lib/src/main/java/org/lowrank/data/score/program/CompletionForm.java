package org.lowrank.data.score.program;

import java.util.regex.Pattern;

/** What of a model's text is taken for its program; any but the first is another way of scoring. */
public enum CompletionForm {
    /** The text as it is, put behind the prompt: the original scoring. */
    AS_WRITTEN("as_written") {
        @Override
        String behindPrompt(String text) {
            return text;
        }
    },
    /** Up to the first line that is no part of the function, as in the paper's stop texts. */
    CUT_AFTER_FUNCTION("cut_after_function") {
        @Override
        String behindPrompt(String text) {
            var end = OUTSIDE.matcher(text);
            return end.find() ? text.substring(0, end.start() + 1) : text;
        }
    },
    /** The code of the first fence, as chat models write it; the text itself if there is none. */
    FENCED("fenced") {
        @Override
        String behindPrompt(String text) {
            var fence = FENCE.matcher(text);
            if (!fence.find()) {
                return text;
            }
            var code = fence.group(1);
            // A whole function defines the prompt's anew; a body goes on with it.
            return code.startsWith(" ") || code.startsWith("\t") ? code : "    pass\n\n" + code;
        }
    };

    private static final Pattern OUTSIDE = Pattern.compile("\\n(?=[^\\s])");
    private static final Pattern FENCE =
            Pattern.compile("```[\\w+-]*\\h*\\r?\\n(.*?)(?:```|\\z)", Pattern.DOTALL);

    private final String label;

    CompletionForm(String label) {
        this.label = label;
    }

    /** The key in run records and tables. */
    public String label() {
        return label;
    }

    /** What stands behind the prompt. */
    abstract String behindPrompt(String text);
}
