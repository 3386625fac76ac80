package org.lowrank.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spencerpark.jupyter.kernel.ReplacementOptions;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class CodeAssistTest {

    private static TestKernel kernel;

    @BeforeAll
    static void start() throws Exception {
        kernel = new TestKernel();
        kernel.run("String greeting = \"hello\";\ndouble mean(double[] values) { return 0; }");
    }

    @AfterAll
    static void stop() {
        kernel.close();
    }

    @Test
    void completesNamesOfTheNotebookAndTheirMembers() {
        ReplacementOptions options = kernel.kernel().complete("int n = greeting.len", 20);
        assertEquals(List.of("length()"), options.getReplacements());
        assertEquals(17, options.getSourceStart());
        assertEquals(20, options.getSourceEnd());
        assertTrue(kernel.kernel().complete("gree", 4).getReplacements().contains("greeting"));
    }

    @Test
    void completesInTheMiddleOfACellBehindAMagic() {
        String code =
                "%classpath ../lib/target/lowrank.jar\nString local = \"a\";\nlocal.isBl\nint after = 1;";
        int at = code.indexOf("isBl") + 4;
        assertEquals(List.of("isBlank()"), kernel.kernel().complete(code, at).getReplacements());
    }

    @Test
    void explainsAMethodOnItsNameAndInsideItsParentheses() {
        assertTrue(inspect("Math.max(1, ", 12).contains("double Math.max(double a, double b)"));
        assertTrue(inspect("Math.max", 8).contains("int Math.max(int a, int b)"));
        assertEquals("double mean(double[] values)", inspect("mean(", 5));
    }

    @Test
    void explainsAClassByItsFullName() {
        assertEquals("java.util.Map<K, V>", inspect("Map", 3));
    }

    @Test
    void hasNothingToSayAboutNothing() {
        assertNull(kernel.kernel().inspect("   ", 1, false));
    }

    private static String inspect(String code, int at) {
        return TestKernel.text(kernel.kernel().inspect(code, at, false));
    }

    @Test
    void tellsWhetherACellIsComplete() {
        assertEquals("complete", kernel.kernel().isComplete("int a = 1;"));
        assertEquals("complete", kernel.kernel().isComplete("%classpath x.jar"));
        assertEquals("    ", kernel.kernel().isComplete("for (int i = 0; i < 3; i++) {"));
        assertEquals("invalid", kernel.kernel().isComplete("int = ;"));
    }
}
