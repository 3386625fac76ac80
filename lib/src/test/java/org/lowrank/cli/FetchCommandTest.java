package org.lowrank.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What fetching says of the files that it brought. */
class FetchCommandTest {

    @Test
    void howAnArchiveIsUnpackedIsTold() {
        var told = FetchCommand.unpacking(Path.of("data/dtd/dtd-r1.0.1.tar.gz"));
        assertEquals(
                "then unpack it: tar -xzf data/dtd/dtd-r1.0.1.tar.gz -C data/dtd",
                told.orElseThrow());
        assertTrue(FetchCommand.unpacking(Path.of("data/eurosat/EuroSAT.zip")).isPresent());
        assertTrue(FetchCommand.unpacking(Path.of("data/svhn/test_32x32.mat")).isEmpty());
        assertTrue(FetchCommand.unpacking(Path.of("f/t10k-images-idx3-ubyte.gz")).isEmpty());
    }
}
