package org.lowrank.text.jinja;

/**
 * A value that is not there: false, empty, written as nothing; whatever else is done with it is
 * refused.
 *
 * @param what the words of the refusal, for example {@code 'name' is undefined}
 */
record Undefined(String what) {

    TemplateException refused() {
        return TemplateException.of(what);
    }

    @Override
    public String toString() {
        return what;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Undefined;
    }

    @Override
    public int hashCode() {
        return 0;
    }
}
