package org.lowrank.text.jinja;

/** Something that writes. */
@FunctionalInterface
interface Statement {

    /** How a body was left. */
    enum End {
        WHOLE,
        BREAK,
        CONTINUE
    }

    End run(Scope scope, StringBuilder out);
}
