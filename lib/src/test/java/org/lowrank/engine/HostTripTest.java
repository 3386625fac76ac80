package org.lowrank.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Random;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.RandomMatrices_DDRM;
import org.junit.jupiter.api.Test;

class HostTripTest {

    @Test
    void whatIsFetchedIsWhatTheDeviceHolds() {
        try (var manager = NDManager.newBaseManager();
                var trip = new HostTrip(manager)) {
            var one = manager.arange(0, 12, 1, DataType.FLOAT32).reshape(2, 2, 3);
            var two = manager.arange(0, 3, 1, DataType.FLOAT64).reshape(3, 1, 1);
            var first = trip.down(one);
            var second = trip.down(two);
            assertThrows(IllegalStateException.class, () -> first.at(0));
            trip.fetch();
            assertArrayEquals(new double[] {6, 7, 8, 9, 10, 11}, first.at(1).data);
            assertEquals(3, first.at(1).numCols);
            assertEquals(2, second.at(2).get(0, 0));
            // a second transfer leaves the first where it is, and the caller's arrays open
            var third = trip.down(one);
            trip.fetch();
            assertArrayEquals(first.at(0).data, third.at(0).data);
        }
    }

    @Test
    void whatIsSentComesBack() {
        var random = new Random(3);
        var first = matrices(random, 2, 3, 3);
        var second = matrices(random, 4, 1, 2);
        try (var manager = NDManager.newBaseManager();
                var trip = new HostTrip(manager)) {
            var one = trip.up(first);
            var two = trip.up(second);
            assertThrows(IllegalStateException.class, () -> one.array(DataType.FLOAT32));
            trip.send();
            assertEquals(new Shape(4, 1, 2), two.array(DataType.FLOAT32).getShape());
            for (int i = 0; i < 4; i++) {
                assertArrayEquals(
                        second[i].data, two.array(DataType.FLOAT64).get(i).toDoubleArray());
            }
            assertArrayEquals(first[1].data, one.array(DataType.FLOAT64).get(1).toDoubleArray());
        }
    }

    @Test
    void matricesOfTwoShapesAreNoStack() {
        try (var manager = NDManager.newBaseManager();
                var trip = new HostTrip(manager)) {
            var mixed = new DMatrixRMaj[] {new DMatrixRMaj(2, 2), new DMatrixRMaj(2, 3)};
            var error = assertThrows(IllegalArgumentException.class, () -> trip.up(mixed));
            assertTrue(error.getMessage().contains("(2, 2) and (2, 3)"), error.getMessage());
            assertThrows(IllegalArgumentException.class, () -> trip.up(new DMatrixRMaj[0]));
        }
    }

    @Test
    void closingFreesTheDevicesSideAndKeepsTheHosts() {
        try (var manager = NDManager.newBaseManager()) {
            var array = manager.ones(new Shape(1, 2, 2));
            int before = manager.getManagedArrays().size();
            HostTrip.Small small;
            try (var trip = new HostTrip(manager)) {
                small = trip.down(array);
                trip.fetch();
                trip.up(new DMatrixRMaj[] {small.at(0)});
                trip.send();
            }
            assertEquals(before, manager.getManagedArrays().size());
            assertEquals(1, small.at(0).get(1, 1));
        }
    }

    private static DMatrixRMaj[] matrices(Random random, int count, int rows, int columns) {
        return IntStream.range(0, count)
                .mapToObj(i -> RandomMatrices_DDRM.rectangle(rows, columns, random))
                .toArray(DMatrixRMaj[]::new);
    }
}
