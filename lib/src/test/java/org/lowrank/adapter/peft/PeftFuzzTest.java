package org.lowrank.adapter.peft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.TinyMlp;
import org.lowrank.weights.MalformedFileException;

/**
 * Damaged configurations: each is refused by file and field, or still means a sound adapter. A
 * thousand; ten thousand in the long form: {@code mvn -pl lib test -Dtest=*FuzzTest -Dgroups=soak
 * -DexcludedGroups=}.
 */
class PeftFuzzTest {

    private static final int SHORT = 1_000;
    private static final int LONG = 10_000;

    private static final List<String> VALUES =
            List.of(
                    "null",
                    "true",
                    "-1",
                    "0",
                    "1e309",
                    "2147483648",
                    "\"x\"",
                    "[]",
                    "{}",
                    "[[[]]]",
                    "{\"(a|b)*\":1}",
                    "{\".*.*.*.*.*\":1}",
                    "{\"first\":2147483647}",
                    "[".repeat(999));

    private final RandomGenerator random =
            RandomGeneratorFactory.of("Xoshiro256PlusPlus").create(20_250_517L);

    @TempDir Path folder;

    @Test
    void everyMutatedConfigurationIsReadRightlyOrRefusedByName() {
        mutate(SHORT);
    }

    @Test
    @Tag("soak")
    void everyOneOfTenThousandMutatedConfigurationsIsReadRightlyOrRefusedByName() {
        mutate(LONG);
    }

    private void mutate(int files) {
        assertTimeoutPreemptively(
                Duration.ofMinutes(5),
                () -> {
                    try (var manager = NDManager.newBaseManager();
                            var model = new TinyMlp(manager, 1, 5, 7, 5, 1)) {
                        run(model, files);
                    }
                });
    }

    private void run(TinyMlp model, int files) throws Exception {
        var config = LoraConfig.ofRank(2).withTargetModules("first");
        try (var set = AdapterSet.inject(model, config, 3)) {
            PeftAdapter.save(folder, set);
        }
        var file = folder.resolve(PeftAdapter.CONFIG);
        var sound = Files.readString(file);
        int refused = 0;
        for (int i = 0; i < files; i++) {
            Files.write(file, mutated(sound, i % 3));
            try (var set = PeftAdapter.load(folder, model)) {
                assertEquals(List.of("block.0.first"), List.copyOf(set.adapters().keySet()));
                assertEquals(2, set.pairs().get(0).rank(), "the file's tensors have rank 2");
                assertTrue(set.pairs().get(0).scaling() > 0);
            } catch (MalformedFileException e) {
                assertTrue(e.getMessage().startsWith(folder.toString()), e.getMessage());
                assertTrue(e.getMessage().split(": ", 3).length == 3, e.getMessage());
                refused++;
            }
        }
        assertTrue(refused > files / 2 && refused < files, refused + " refused");
    }

    private byte[] mutated(String sound, int kind) {
        var bytes = sound.getBytes(StandardCharsets.UTF_8);
        switch (kind) {
            case 0 -> {
                return Arrays.copyOf(bytes, random.nextInt(bytes.length));
            }
            case 1 -> {
                for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                }
                return bytes;
            }
            default -> {
                var lines = sound.split("\n");
                int line = 1 + random.nextInt(lines.length - 2);
                lines[line] =
                        lines[line].replaceFirst(
                                ": .*?(,?)$",
                                ": " + VALUES.get(random.nextInt(VALUES.size())) + "$1");
                return String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
            }
        }
    }
}
