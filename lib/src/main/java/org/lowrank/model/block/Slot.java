package org.lowrank.model.block;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.lowrank.adapter.AdaptableLinear;

/**
 * A place for one array of a network, which a file fills.
 *
 * @param shape that the architecture gives it
 * @param start around which a random start draws: 1 for the weight of a normalisation, else 0
 * @param content the array that is there
 * @param fill takes the array that comes
 * @param linear the linear map whose weight it is, which can be held in few bits; null for another
 *     array
 */
public record Slot(
        Shape shape,
        double start,
        Supplier<NDArray> content,
        Consumer<NDArray> fill,
        AdaptableLinear linear) {

    /** An empty place of a block's own. */
    static Slot empty(Shape shape, double start) {
        var held = new NDArray[1];
        return new Slot(shape, start, () -> held[0], array -> held[0] = array, null);
    }

    /** The place of a linear map's weight. */
    static Slot weightOf(AdaptableLinear linear) {
        return new Slot(
                linear.storedShape(), 0, () -> linear.weight().stored(), linear::hold, linear);
    }

    /** The place of a linear map's bias. */
    static Slot biasOf(AdaptableLinear linear) {
        var bias = linear.bias();
        return new Slot(new Shape(linear.out()), 0, bias::getArray, bias::setArray, null);
    }

    /** The array that fills the slot; the array itself. */
    public NDArray array() {
        return content.get();
    }
}
