package org.lowrank.text.jinja;

/** A template cannot be read or refuses what it is given; the message names the line. */
public final class TemplateException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private final boolean placed;

    private TemplateException(String message, boolean placed) {
        super(message);
        this.placed = placed;
    }

    /** A fault whose place is not known yet. */
    static TemplateException of(String message) {
        return new TemplateException(message, false);
    }

    static TemplateException at(String template, int line, String message) {
        return new TemplateException(template + ", line " + line + ": " + message, true);
    }

    /** The template's own refusal. */
    static TemplateException raised(String message) {
        return new TemplateException(message, true);
    }

    /** The same with a place, unless it has one. */
    TemplateException placed(String template, int line) {
        return placed ? this : at(template, line, getMessage());
    }
}
