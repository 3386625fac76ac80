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
        assertEquals(
                Optimizers.names().size() + DeviceWork.networks().size(), rows.size(), "all of it");
        for (var row : rows) {
            assertNull(row.error(), row.toString());
            assertEquals(0, row.difference(), row.toString());
            assertTrue(row.seconds() > 0 && row.secondsThere() > 0, row.toString());
            var told = DeviceCheck.told(row, rows);
            assertEquals(row.seconds() / row.secondsThere(), told.get("step_ratio"));
            if (Optimizers.names().contains(row.name())) {
                double share = (double) told.get("share");
                assertTrue(share > 0 && share < 1, told.toString());
            }
        }
    }
}
