package org.lowrank.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.github.spencerpark.jupyter.kernel.display.mime.MIMEType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A value is shown by its content, never by an identity hash. */
class ValueTextTest {

    private static TestKernel kernel;

    @BeforeAll
    static void start() throws Exception {
        kernel = new TestKernel();
        kernel.run(
                """
                record Pair(double[] a, String name) {}
                record Own(int[] a) { public String toString() { return "Own of " + a.length; } }
                class Plain {}
                """);
    }

    @AfterAll
    static void stop() {
        kernel.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "new int[] {1, 2}|[1, 2]",
                "new String[][] {{\"a\"}, {null}}|[[a], [null]]",
                "List.of(new int[] {1}, Optional.of(new long[] {2}))|[[1], Optional[[2]]]",
                "Map.of(\"k\", new char[] {'x'})|{k=[x]}",
                "new Pair(new double[] {0.5}, \"n\")|Pair[a=[0.5], name=n]",
                "List.of(new Pair(null, \"n\"))|[Pair[a=null, name=n]]",
                "new Own(new int[3])|Own of 3",
                "new Plain()|an object of Plain",
                "(Runnable) () -> {}|an object of Runnable",
                "List.of(1).stream()|an object of Stream",
                "Map.of(\"a\", 1)|{a=1}",
                "Set.of()|[]"
            })
    void contentOrClass(String expression, String text) throws Exception {
        assertEquals(text, kernel.value(expression));
    }

    @Test
    void aLongArrayIsCutAndSaysHowLongItIs() throws Exception {
        String text = kernel.value("new byte[5000]");
        assertEquals("0, … 5000 in all]", text.substring(text.length() - 17));
    }

    @Test
    void aListThatHoldsItselfEnds() throws Exception {
        assertFalse(
                kernel.value("var self = new Vector<Object>(); self.add(1); self").contains("@"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"System.out.printf(\"x\")", "System.out.append('c')"})
    void aStreamThatACallHandsBackIsNotShown(String code) throws Exception {
        assertNull(kernel.run(code));
    }

    @Test
    void aMapIsJsonForWhoAsks() throws Exception {
        assertEquals(
                "{\"r\":[1,2]}",
                kernel.run("render(Map.of(\"r\", new int[] {1, 2}), \"application/json\")")
                        .getData(MIMEType.APPLICATION_JSON)
                        .toString());
    }
}
