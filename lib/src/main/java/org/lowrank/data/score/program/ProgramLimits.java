package org.lowrank.data.score.program;

/**
 * What one program may use; beyond, it is ended and has failed.
 *
 * @param seconds of wall-clock time from its first line; 3 in the original scoring
 * @param memoryBytes of address space of a process, and of resident memory of all its processes
 * @param diskBytes of its folder, where that lies in memory; of one file elsewhere
 * @param processes it and its children together
 */
public record ProgramLimits(double seconds, long memoryBytes, long diskBytes, int processes) {

    public static final ProgramLimits DEFAULT = new ProgramLimits(3, 1L << 30, 1L << 26, 32);

    public ProgramLimits {
        if (!(seconds > 0 && seconds <= 3600)
                || memoryBytes < 1L << 26
                || diskBytes < 1L << 20
                || processes < 1) {
            throw new IllegalArgumentException(
                    ("limits need 0 < seconds <= 3600, 64 MiB of memory, 1 MiB of disk and a"
                                    + " process at least, not %s s, %s and %s bytes, %s")
                            .formatted(seconds, memoryBytes, diskBytes, processes));
        }
    }

    /** The same with another time limit. */
    ProgramLimits withSeconds(double other) {
        return new ProgramLimits(other, memoryBytes, diskBytes, processes);
    }
}
