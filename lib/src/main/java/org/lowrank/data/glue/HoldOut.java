package org.lowrank.data.glue;

/**
 * How many of the training rows are kept from training, to choose settings by.
 *
 * @param share of the training rows, above 0 and below 1
 * @param most but never more than these
 * @param seed of the draw, which keeps the shares of the classes
 */
public record HoldOut(double share, int most, long seed) {

    /** A tenth, 2,000 rows at most: what every record and table uses, unless it says otherwise. */
    public static final HoldOut STANDARD = new HoldOut(0.1, 2000, 1);

    public HoldOut {
        if (!(share > 0 && share < 1) || most < 1) {
            throw new IllegalArgumentException(
                    "the share to hold out must be above 0 and below 1, and at most 1 or more"
                            + " rows, but they are "
                            + share
                            + " and "
                            + most);
        }
    }

    /** The rows that are held out of so many. */
    public int rowsOf(int trainingRows) {
        return (int) Math.min(most, Math.ceil(share * trainingRows));
    }
}
