package org.lowrank.model;

/**
 * Where a tensor of a file belongs.
 *
 * @param parameter the name in the network
 * @param transposed whether the file has it (in, out)
 * @param pairedHeads 0, or the number of heads of which the file has the rows of a rotated pair
 *     beside each other (rows 2i and 2i + 1 for i and i + d/2)
 * @param plusOne whether the file has one added to every value
 * @param ofHead whether it belongs to a head, which a network may do without
 */
public record Place(
        String parameter, boolean transposed, int pairedHeads, boolean plusOne, boolean ofHead) {

    /** A part of every network of the family. */
    public static Place of(String parameter) {
        return new Place(parameter, false, 0, false, false);
    }

    /** A part of some networks of the family. */
    public Place asHead() {
        return new Place(parameter, transposed, pairedHeads, plusOne, true);
    }

    /** One that the file has as (in, out), if so. */
    public Place turned(boolean isTransposed) {
        return new Place(parameter, isTransposed, pairedHeads, plusOne, ofHead);
    }

    /** One whose rows the file has in pairs. */
    public Place inPairs(int heads) {
        return new Place(parameter, transposed, heads, plusOne, ofHead);
    }

    /** One whose values the file has with one added. */
    public Place withOneAdded() {
        return new Place(parameter, transposed, pairedHeads, true, ofHead);
    }
}
