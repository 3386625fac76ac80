package org.lowrank.weights;

import ai.djl.ndarray.types.Shape;

/**
 * One float32 tensor of a weight file.
 *
 * @param name the name that the model gives it, for example {@code
 *     encoder.layer.0.attention.self.query.weight}
 * @param shape its shape
 * @param values its values, row by row; not copied
 */
public record WeightTensor(String name, Shape shape, float[] values) {

    public WeightTensor {
        if (shape.size() != values.length) {
            throw new IllegalArgumentException(
                    name + ": shape " + shape + " does not hold " + values.length + " values");
        }
    }

    /** A matrix (in, out) as (out, in). */
    public WeightTensor transposed() {
        int rows = Math.toIntExact(shape.get(0));
        int columns = Math.toIntExact(shape.get(1));
        var turned = new float[values.length];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                turned[j * rows + i] = values[i * columns + j];
            }
        }
        return new WeightTensor(name, new Shape(columns, rows), turned);
    }
}
