package org.lowrank.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import org.junit.jupiter.api.Test;
import org.lowrank.optim.Optimizers;

class DeviceCheckTest {

    /** With itself in the device's place: everything is done twice, bit-equal. */
    @Test
    void theProcessorComputesWhatTheProcessorDoes() {
        var rows = DeviceCheck.rows(Device.cpu());
        assertTrue(rows.size() >= Optimizers.names().size() + 2, rows.size() + " rows");
        for (var row : rows) {
            assertNull(row.error(), row.toString());
            assertEquals(0, row.difference(), row.toString());
            assertTrue(row.seconds() > 0 && row.secondsThere() > 0, row.toString());
        }
    }
}
