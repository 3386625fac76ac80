package org.lowrank.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MachineTest {

    @Test
    void theProcessorIsNamedWithItsGenerationAsTheNameMayHoldForSeveral() {
        var cpu = Machine.describe().get("cpu").toString();
        assertTrue(cpu.matches(".+ \\(family \\S+, model \\S+, stepping \\S+\\)"), cpu);
    }

    @Test
    void theAllocatorIsNamedOnlyWhereItWasSet() {
        assertEquals(System.getenv("GLIBC_TUNABLES"), Machine.describe().get("allocator"));
    }
}
