package org.lowrank.rule;

/** Which factors of a pair a rule gives a direction to; the other one gets 0 and stays. */
public enum Factors {
    A,
    B,
    BOTH;

    /** True if A is among them. */
    public boolean includeA() {
        return this != B;
    }

    /** True if B is among them. */
    public boolean includeB() {
        return this != A;
    }
}
