package org.lowrank.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.RandomMatrices_DDRM;

/**
 * Work that no change of the library makes faster or slower, of the kinds that a step is made of:
 * arithmetic that goes through memory, products of stacks, small matrices on the host. What is
 * measured over it says the same on a slower machine.
 */
final class Yardstick implements Runnable {

    private static final int PASSES = 4;
    private static final int SMALL = 64;
    private static final int SMALL_PRODUCTS = 12;

    private final NDArray x;
    private final NDArray y;
    private final NDArray left;
    private final NDArray right;
    private final DMatrixRMaj small;
    private final DMatrixRMaj product = new DMatrixRMaj(SMALL, SMALL);

    Yardstick(NDManager manager) {
        x = manager.randomNormal(0, 1, new Shape(24, 384, 32), DataType.FLOAT32).abs();
        y = x.add(1);
        left = manager.randomNormal(0, 1, new Shape(24, 16, 384), DataType.FLOAT64);
        right = manager.randomNormal(0, 1, new Shape(24, 384, 16), DataType.FLOAT64);
        small = RandomMatrices_DDRM.rectangle(SMALL, SMALL, new Random(1));
    }

    @Override
    public void run() {
        try (var scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            for (int i = 0; i < PASSES; i++) {
                x.mul(y).add(x).sqrt().div(y);
                left.matMul(right);
            }
        }
        for (int i = 0; i < SMALL_PRODUCTS; i++) {
            CommonOps_DDRM.mult(small, small, product);
        }
    }
}
