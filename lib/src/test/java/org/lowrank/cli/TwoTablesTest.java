package org.lowrank.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables of one folder of figures, whose names and tasks' names run into each other. */
class TwoTablesTest {

    private static final String TABLE =
            """
            {
              "name": "NAME",
              "base": {"model": "mlp", "task": {"name": "spiral/small"},
                       "training": {"steps": 12, "batch_size": 16}},
              "tasks": [{"label": "small"}, {"label": "small_loss"}, {"label": "smallloss"}],
              "frozen_encoder": false,
              "methods": [{"label": "LoRA", "with": {"adapter": {"rank": 3}}}],
              "protocol": {"kind": "fixed", "learning_rates": [0.02], "seeds": [1]}
            }
            """;

    @TempDir private Path folder;

    private Map<String, byte[]> table(String name) throws IOException {
        var file = folder.resolve(name + ".json");
        Files.writeString(file, TABLE.replace("NAME", name));
        var runs = folder.resolve("runs").toString();
        assertEquals(0, Lowrank.execute("run", file.toString(), "--runs", runs));
        var out = folder.resolve("figures");
        assertEquals(
                0,
                Lowrank.execute("table", file.toString(), "--runs", runs, "--out", out.toString()));
        var contents = new TreeMap<String, byte[]>();
        try (Stream<Path> files = Files.walk(out)) {
            for (var f : files.filter(Files::isRegularFile).toList()) {
                contents.put(out.relativize(f).toString(), Files.readAllBytes(f));
            }
        }
        return contents;
    }

    @Test
    void noneWritesOverAFileOfAnother() throws IOException {
        var first = table("t");
        assertEquals(3, first.keySet().stream().filter(n -> n.endsWith(".png")).count());
        assertEquals(
                3,
                first.keySet().stream()
                        .map(String::toLowerCase)
                        .filter(n -> n.endsWith(".png"))
                        .distinct()
                        .count());
        var both = table("t_small");
        assertEquals(2 * first.size(), both.size(), both.keySet().toString());
        first.forEach((name, bytes) -> assertArrayEquals(bytes, both.get(name), name));
        assertTrue(both.keySet().stream().anyMatch(n -> n.startsWith("t_small_small")));
    }
}
