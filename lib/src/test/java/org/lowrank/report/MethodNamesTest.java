package org.lowrank.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.HashSet;
import org.junit.jupiter.api.Test;
import org.lowrank.optim.Optimizers;

class MethodNamesTest {

    @Test
    void everyOptimizerOfTheLibraryHasANameOfItsOwn() {
        var names = new HashSet<String>();
        var own =
                Optimizers.names().stream()
                        .filter(name -> !Optimizers.isOfThisSession(name))
                        .filter(name -> !name.startsWith("test_"))
                        .toList();
        for (var name : own) {
            assertNotEquals(name, MethodNames.of(name));
            names.add(MethodNames.of(name));
        }
        assertEquals(own.size(), names.size());
        assertEquals("lion", MethodNames.of("lion"));
    }
}
