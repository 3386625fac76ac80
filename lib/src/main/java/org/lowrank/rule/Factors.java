package org.lowrank.rule;

/** Which factors of a pair a rule gives a direction to; the other one gets 0 and stays. */
public enum Factors {
    A,
    B,
    BOTH;

    public boolean includeA() {
        return this != B;
    }

    public boolean includeB() {
        return this != A;
    }
}
