package org.lowrank.text.jinja;

/** Something that has a value. */
@FunctionalInterface
interface Expression {

    Object value(Scope scope);

    default boolean truth(Scope scope) {
        return Values.truth(value(scope));
    }
}
