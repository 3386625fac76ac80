package org.lowrank.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.ejml.data.DMatrixRMaj;

/**
 * Small matrices of all pairs of a step, moved between device and host in one transfer each way.
 *
 * <p>A block is one float64 array (layers, rows, columns): the same matrix of every pair of a
 * stack.
 */
final class HostMatrices {

    private record Block(int offset, int rows, int columns) {}

    private final double[] numbers;
    private final List<List<Block>> blocks;

    private HostMatrices(double[] numbers, List<List<Block>> blocks) {
        this.numbers = numbers;
        this.blocks = blocks;
    }

    /**
     * Brings blocks to the host.
     *
     * @param perStack the blocks of each stack; at least one array in all
     */
    static HostMatrices fetch(List<NDList> perStack) {
        var flat = new NDList();
        var blocks = new ArrayList<List<Block>>();
        int offset = 0;
        for (var arrays : perStack) {
            var ofStack = new ArrayList<Block>();
            for (var array : arrays) {
                var shape = array.getShape();
                ofStack.add(new Block(offset, (int) shape.get(1), (int) shape.get(2)));
                offset = Math.addExact(offset, Math.toIntExact(shape.size()));
                flat.add(array.flatten());
            }
            blocks.add(ofStack);
        }
        return new HostMatrices(NDArrays.concat(flat).toDoubleArray(), blocks);
    }

    /** The matrix of one pair. */
    DMatrixRMaj matrix(int stack, int block, int layer) {
        var place = blocks.get(stack).get(block);
        int size = place.rows * place.columns;
        var matrix = new DMatrixRMaj(place.rows, place.columns);
        System.arraycopy(numbers, place.offset + layer * size, matrix.data, 0, size);
        return matrix;
    }

    /** The number of one pair in a block of 1 x 1 matrices. */
    double number(int stack, int block, int layer) {
        return numbers[blocks.get(stack).get(block).offset + layer];
    }

    /**
     * Sends matrices to the device.
     *
     * @param perStack for each stack its blocks, each a list with one matrix a pair
     * @return for each stack its blocks as arrays (layers, rows, columns), float64
     */
    static List<NDList> send(NDManager manager, List<List<List<DMatrixRMaj>>> perStack) {
        int size = 0;
        var ends = new ArrayList<Long>();
        for (var blocks : perStack) {
            for (var block : blocks) {
                size += block.size() * block.get(0).getNumElements();
                ends.add((long) size);
            }
        }
        var numbers = new double[size];
        int offset = 0;
        for (var blocks : perStack) {
            for (var block : blocks) {
                for (var matrix : block) {
                    System.arraycopy(matrix.data, 0, numbers, offset, matrix.getNumElements());
                    offset += matrix.getNumElements();
                }
            }
        }
        return cut(manager.create(numbers), ends, perStack);
    }

    private static List<NDList> cut(
            NDArray all, List<Long> ends, List<List<List<DMatrixRMaj>>> perStack) {
        var inner = ends.subList(0, ends.size() - 1).stream().mapToLong(Long::longValue).toArray();
        var parts = inner.length == 0 ? new NDList(all) : all.split(inner);
        var sent = new ArrayList<NDList>();
        int next = 0;
        for (var blocks : perStack) {
            var arrays = new NDList();
            for (var block : blocks) {
                var first = block.get(0);
                var shape = new Shape(block.size(), first.numRows, first.numCols);
                arrays.add(parts.get(next++).reshape(shape));
            }
            sent.add(arrays);
        }
        return sent;
    }
}
