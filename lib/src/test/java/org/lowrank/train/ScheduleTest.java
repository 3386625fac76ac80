package org.lowrank.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ScheduleTest {

    @Test
    void schedulesWarmUpFromTheFirstStepAndEndLow() {
        assertEquals(0.25, Schedule.COSINE.factor(1, 100, 4));
        assertEquals(1.0, Schedule.COSINE.factor(4, 100, 4));
        assertEquals(1.0, Schedule.COSINE.factor(5, 100, 4));
        assertEquals(0.5, Schedule.COSINE.factor(53, 100, 4), 1e-12);
        assertTrue(Schedule.COSINE.factor(100, 100, 4) < 1e-3);
        assertTrue(Schedule.COSINE.factor(100, 100, 4) > 0);
        assertEquals(0.5, Schedule.LINEAR.factor(51, 100, 0), 1e-12);
        assertEquals(1.0, Schedule.CONSTANT.factor(100, 100, 4));
        assertThrows(IllegalArgumentException.class, () -> Schedule.COSINE.factor(101, 100, 4));
    }
}
