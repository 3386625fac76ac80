package org.lowrank.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import org.junit.jupiter.api.Test;

/** Cells as a notebook runs them, in sessions of JShell. */
class CodeFingerprintTest {

    private static final List<String> SET_UP =
            List.of("import org.lowrank.config.*;", "import java.util.*;");
    private static final String MOMENTUM =
            "record Momentum(double beta) { double next(double m, double g) {"
                    + " return new Mean(beta).of(m, g); } }";
    private static final String MEAN =
            "record Mean(double share) { double of(double a, double b) {"
                    + " return share * a + (1 - share) * b; } }";
    private static final String REGISTER =
            "TestExtension.NAMES.register(\"mine\", \"a mean\", List.of(), o -> new Momentum(0.9).toString());";
    private static final String CODE =
            "TestExtension.NAMES.complete(new Choice(\"mine\", Map.of())).code()";

    private static final class Session implements AutoCloseable {

        private final ClassLoader before = Thread.currentThread().getContextClassLoader();
        private final JShell shell = JShell.builder().executionEngine("local").build();

        Session() {
            var read = Extensions.readBy(Registry.class).stream().map(Path::toString);
            var own = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator));
            Stream.concat(read, own).forEach(shell::addToClasspath);
            SET_UP.forEach(this::cell);
        }

        String cell(String source) {
            var last = "";
            var rest = source;
            while (!rest.isBlank()) {
                var part = shell.sourceCodeAnalysis().analyzeCompletion(rest);
                for (var event : shell.eval(part.source())) {
                    assertNotEquals(
                            Snippet.Status.REJECTED,
                            event.status(),
                            () -> source + shell.diagnostics(event.snippet()).toList());
                    assertEquals(null, event.exception(), source);
                    last = event.value() == null ? last : event.value();
                }
                rest = part.remaining();
            }
            return last;
        }

        String code(String... cells) {
            for (var cell : cells) {
                cell(cell);
            }
            return cell(CODE);
        }

        @Override
        public void close() {
            shell.close();
            Thread.currentThread().setContextClassLoader(before); // JShell leaves its own
        }
    }

    @Test
    void equalCellsHaveEqualFingerprintsWhereverTheyStand() throws Exception {
        try (var one = new Session();
                var other = new Session()) {
            var first = one.code(MEAN, MOMENTUM, REGISTER);
            assertTrue(first.matches("\"[0-9a-f]{16}\""), first);
            other.cell("import java.util.function.*;\nimport java.time.*;");
            other.cell("1 + 1");
            other.cell("int unrelated = 5;");
            assertEquals(first, other.code("\n\n" + MEAN, MOMENTUM, "2 + 2", REGISTER));
            assertEquals(first, one.code(MEAN, MOMENTUM, REGISTER), "run again");
        }
    }

    @Test
    void aChangeInAnyCellThatIsUsedIsAnotherFingerprint() throws Exception {
        try (var session = new Session()) {
            var first = session.code(MEAN, MOMENTUM, REGISTER);
            var option = session.code(REGISTER.replace("0.9", "0.8"));
            var deep = session.code(MEAN.replace("1 - share", "2 - share"), MOMENTUM, REGISTER);
            assertNotEquals(first, option);
            assertNotEquals(first, deep);
            assertNotEquals(option, deep);
            assertEquals(first, session.code(MEAN, MOMENTUM, REGISTER), "and back");
        }
    }

    @Test
    void aProgramOfItsOwnHasOneToo() {
        Supplier<Object> factory = Object::new;
        var code = CodeFingerprint.of(factory.getClass());
        assertEquals(code, CodeFingerprint.of(CodeFingerprintTest.class));
        assertNotEquals(code, CodeFingerprint.of(OptionTest.class));
        assertEquals(16, code.length());
        assertEquals(Map.of(), new Choice("x", null).options());
    }
}
