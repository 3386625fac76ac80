package org.lowrank.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MachineTest {

    @Test
    void theProcessorIsNamedWithItsGenerationAsTheNameMayHoldForSeveral() {
        var cpu = Machine.describe().get("cpu").toString();
        assertTrue(cpu.matches(".+ \\(family \\S+, model \\S+, stepping \\S+\\)"), cpu);
    }
}
