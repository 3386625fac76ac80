package org.lowrank.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SmallProductTest {

    @ParameterizedTest(name = "({0}, {1}) ({1}, {2})")
    @CsvSource({
        "1,1,1", "2,3,5", "3,4,2", "5,7,9", "8,8,8", "17,6,16", "5,7,13", "6,9,11", "16,33,3",
        "4,0,4", "0,4,4"
    })
    void productsOfIntegersAreThoseOfEjml(int m, int k, int n) {
        var random = new Random(m + 100L * k);
        var x = integers(m, k, random);
        var y = integers(k, n, random);
        var sum = integers(m, n, random);
        var expected = sum.copy();
        if (k > 0 && m > 0) {
            CommonOps_DDRM.multAdd(-2, x, y, expected);
            var product = CommonOps_DDRM.mult(x, y, null);
            assertArrayEquals(product.data, SmallProduct.of(x, y).data);
        }
        SmallProduct.add(sum, -2, x, y);
        assertArrayEquals(expected.data, sum.data);
    }

    private static DMatrixRMaj integers(int rows, int columns, Random random) {
        var matrix = new DMatrixRMaj(rows, columns);
        for (int i = 0; i < matrix.getNumElements(); i++) {
            matrix.data[i] = random.nextInt(201) - 100;
        }
        return matrix;
    }
}
