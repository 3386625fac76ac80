package org.lowrank.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lowrank.optim.PairAssertions.assertCloseFactors;
import static org.lowrank.optim.PairAssertions.assertSameFactors;
import static org.lowrank.optim.PairAssertions.pairs;
import static org.lowrank.optim.PairAssertions.reader;
import static org.lowrank.optim.PairAssertions.saved;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import javax.tools.ToolProvider;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.config.Choice;

/** A gradient rule and a stage that a reader writes in a notebook's cell, with what is public. */
class ReadersOwnTest {

    @TempDir private static Path folder;

    @BeforeAll
    static void runTheCell() throws Exception {
        run(OwnOptimizers.CELL);
    }

    /** Compiles the cell outside every package of the library and runs it. */
    private static void run(String cell) throws Exception {
        var place = Files.createTempDirectory(folder, "cell");
        var source = place.resolve("Cell.java");
        Files.writeString(
                source,
                OwnOptimizers.IMPORTS
                        + "public class Cell { public static void run() {\n"
                        + cell
                        + "}}");
        var classPath = new TreeSet<String>();
        for (var type : List.of(Optimizers.class, NDArray.class, DMatrixRMaj.class)) {
            var jar = type.getProtectionDomain().getCodeSource().getLocation();
            classPath.add(Path.of(jar.toURI()).toString());
        }
        var said = new ByteArrayOutputStream();
        int code =
                ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                said,
                                said,
                                "-proc:none",
                                "-cp",
                                String.join(File.pathSeparator, classPath),
                                "-d",
                                place.toString(),
                                source.toString());
        assertEquals(0, code, said::toString);
        var urls = new URL[] {place.toUri().toURL()};
        var loader = new URLClassLoader(urls, ReadersOwnTest.class.getClassLoader());
        loader.loadClass("Cell").getMethod("run").invoke(null);
    }

    private static void step(QuadraticPairs pairs, PairOptimizer optimizer, int steps) {
        for (int i = 0; i < steps; i++) {
            pairs.step(optimizer, 0.02);
        }
    }

    @Test
    void theRuleIsWhatItSaysAtBothEnds() {
        for (var end : Map.of(0.0, "adamw", 1.0, "scaled_adamw").entrySet()) {
            try (var one = pairs();
                    var other = pairs();
                    var own = Optimizers.create("tempered", Map.of("power", end.getKey()));
                    var known = Optimizers.create(end.getValue())) {
                step(one, own, 5);
                step(other, known, 5);
                assertCloseFactors(other, one);
            }
        }
    }

    @Test
    void theStageDescendsAndGoesOnBitEqualAfterARestart() throws IOException {
        try (var straight = pairs(DataType.FLOAT32);
                var halved = pairs(DataType.FLOAT32);
                var one = Optimizers.create("lion", Map.of("weightDecay", 0.1));
                var first = Optimizers.create("lion", Map.of("weightDecay", 0.1));
                var second = Optimizers.create("lion", Map.of("weightDecay", 0.1))) {
            double start = straight.loss();
            step(straight, one, 20);
            assertTrue(straight.loss() < start, straight.loss() + " of " + start);
            step(halved, first, 10);
            second.load(reader(saved(first)), halved.stacks());
            step(halved, second, 10);
            assertSameFactors(straight, halved);
            assertArrayEquals(saved(one), saved(second));
            assertEquals(4 * (3 * 2 * (8 + 6) + 2 * 2 * (5 + 9)), second.stateBytes());
        }
    }

    @Test
    void itsNameHasHelpDefaultsAndAFingerprintOfItsCode() throws Exception {
        assertTrue(Optimizers.isOfThisSession("tempered"));
        assertTrue(Optimizers.help("tempered").contains("0 is AdamW"), Optimizers.help("tempered"));
        var complete = Optimizers.complete(new Choice("tempered", Map.of()));
        assertEquals(0.5, complete.options().get("power"));
        assertEquals(
                "tempered(power=0.5, beta1=0.9, beta2=0.999, epsilon=1.0E-8, weightDecay=0.0)",
                Optimizers.create(complete).toString());
        var error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> Optimizers.create("tempered", Map.of("power", 2)));
        assertTrue(error.getMessage().contains("power must be 0 to 1"), error.getMessage());
        run(OwnOptimizers.CELL.replace("new Lion(0.9, 0.99)", "new Lion(0.8, 0.99)"));
        assertNotEquals(complete.code(), Optimizers.complete(new Choice("lion", null)).code());
        run(OwnOptimizers.CELL);
        assertEquals(complete, Optimizers.complete(new Choice("tempered", Map.of())));
    }

    @Test
    void anOwnNameDoesNotReplaceOneOfTheLibrary() {
        var error =
                assertThrows(
                        IllegalArgumentException.class,
                        () ->
                                Optimizers.register(
                                        "adamw",
                                        "mine",
                                        Decay.OPTIONS,
                                        o -> PairOptimizer.of(Decay.from(o))));
        assertTrue(error.getMessage().contains("'adamw' already"), error.getMessage());
    }

    @Test
    void aChainThatCannotWorkIsRefusedWhenItIsMade() {
        var alternating = Optimizers.options("altlora");
        assertEquals("A_FIRST", alternating.get("order"));
        var moments = new AlignedMoments(UpdateOrder.A_FIRST, true, 1e-6, 0.9, null);
        var frozen =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> PairOptimizer.of(new FrozenA(), moments));
        assertTrue(frozen.getMessage().contains("nothing is left to move"), frozen.getMessage());
        try (var pairs = pairs();
                var twice = PairOptimizer.of(AdamMoments.DEFAULT, AdamMoments.DEFAULT)) {
            var error = assertThrows(IllegalArgumentException.class, () -> pairs.step(twice, 0.1));
            assertTrue(error.getMessage().contains("firstMomentA"), error.getMessage());
        }
    }
}
