package org.lowrank.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;

/**
 * What turns a linear map into a convolution: it is applied to every square patch of a picture. The
 * columns of its matrix (out, channels · kernel · kernel) are the values of a patch, channel by
 * channel and row by row, as PyTorch flattens a weight (out, channels, kernel, kernel); the
 * low-rank factors of such a map are an A that is a convolution to r channels, and a B that mixes
 * channels (a convolution of kernel 1), which is PEFT's layout.
 *
 * @param channels of the picture
 * @param kernel the side of a patch
 * @param stride from one patch to the next
 * @param padding zeros around the picture
 */
public record Patches(long channels, long kernel, long stride, long padding) {

    private static final Shape ONE = new Shape(1, 1);

    /** Values of a patch. */
    public long size() {
        return channels * kernel * kernel;
    }

    /**
     * Every patch times a matrix, recorded for differentiation.
     *
     * @param pictures (n, height, width, channels)
     * @param matrix (rows, channels · kernel · kernel), of any number of rows
     * @param bias (rows), or null
     * @return (n, patches down, patches across, rows), attached to the manager of the pictures
     */
    NDArray product(NDArray pictures, NDArray matrix, NDArray bias) {
        long rows = matrix.getShape().get(0);
        // Views of native arrays: the graph keeps what it needs after these handles are closed.
        try (var first = pictures.transpose(0, 3, 1, 2);
                var weight = matrix.reshape(rows, channels, kernel, kernel);
                var last =
                        Conv2d.conv2d(
                                        first,
                                        weight,
                                        bias,
                                        new Shape(stride, stride),
                                        new Shape(padding, padding),
                                        ONE)
                                .singletonOrThrow()) {
            return last.transpose(0, 2, 3, 1);
        }
    }

    /** The shape of the matrix as weight files have it. */
    Shape weight(long rows) {
        return new Shape(rows, channels, kernel, kernel);
    }
}
