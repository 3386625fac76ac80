package org.lowrank.kernel;

import java.util.List;

/** A statement that cannot be compiled; the report marks the spots. */
final class CompileError extends Exception {

    private static final long serialVersionUID = 1L;

    /**
     * One message of the compiler.
     *
     * @param start offset in the cell where the marked text starts
     * @param end offset in the cell behind the marked text
     */
    record Spot(int start, int end, String message) {}

    private final transient CellSource cell;
    private final transient List<Spot> spots;

    CompileError(CellSource cell, List<Spot> spots) {
        super(
                spots.isEmpty()
                        ? "not valid Java"
                        : spots.get(0).message().lines().findFirst().orElse(""));
        this.cell = cell;
        this.spots = List.copyOf(spots);
    }

    CellSource cell() {
        return cell;
    }

    List<Spot> spots() {
        return spots;
    }
}
