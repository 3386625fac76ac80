package org.lowrank.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ErrorReportTest {

    private static TestKernel kernel;

    @BeforeAll
    static void start() {
        kernel = new TestKernel();
    }

    @AfterAll
    static void stop() {
        kernel.close();
    }

    private static String report(String code) {
        return TestKernel.plain(kernel.failure(code))
                .replace("In [" + kernel.count() + "]", "In [here]");
    }

    @Test
    void aCompileErrorMarksTheSpotAndTheStatementsBeforeItHaveRun() throws Exception {
        assertEquals(
                """
                In [here], line 4: cannot find symbol
                    int y = x + missing;
                                ^^^^^^^
                      symbol:   variable missing""",
                report("// a comment\nint x = 3;\n\nint y = x + missing;\nint z = 1;"));
        assertEquals("3", kernel.value("x"));
    }

    private static final String KEEPER =
            """
            class Keeper implements AutoCloseable {
                boolean open = true;
                int use() {
                    if (!open) {
                        throw new IllegalStateException("Native resource has been release already.");
                    }
                    return 7;
                }
                @Override public void close() { open = false; }
            }""";

    @Test
    void whatFailsForWantOfSomethingClosedSaysWhichCellToRun() throws Exception {
        kernel.run(KEEPER);
        kernel.run("var keeper = new Keeper();");
        int made = kernel.count();
        kernel.run("var other = new Keeper();");
        int second = kernel.count();
        kernel.run("keeper.close();\nother.close();");
        int freed = kernel.count();
        var told = report("int seven = keeper.use();");
        assertEquals(
                "keeper (made by In [%d]) and other (made by In [%d]) were closed by In [%d]: run In [%d] again, and the cells after it"
                        .formatted(made, second, freed, made),
                told.lines().findFirst().orElseThrow());
        assertTrue(told.contains("Native resource has been release already."), told);
        assertFalse(report("int a = 1 / 0;").contains("closed by"), "another error");

        kernel.run("var keeper = new Keeper();");
        kernel.run("var other = new Keeper();");
        assertEquals("7", kernel.value("keeper.use()"));
        assertFalse(
                report("throw new IllegalStateException(\"it was closed\");").contains("closed by"),
                "both were made anew");
    }

    @Test
    void aCompileErrorInsideAMethodMarksTheLineInside() {
        assertEquals(
                """
                In [here], line 3: incompatible types: java.lang.String cannot be converted to int
                        int v = "text";
                                ^^^^^^""",
                report("\nvoid m() {\n    int v = \"text\";\n}"));
    }

    @Test
    void everyErrorOfAStatementIsMarked() {
        String report =
                report(
                        "int sum(int a) { return a + first + second; }\nint bad = first2 * second2;");
        assertTrue(report.contains("first2") && report.contains("second2"), report);
        assertEquals(
                2,
                report.lines()
                        .filter(l -> l.startsWith("In [here], line 2: cannot find symbol"))
                        .count(),
                report);
    }

    @Test
    void anUnendedStatementIsMarkedWhereItStarts() {
        assertEquals(
                """
                In [here], line 2: the statement that starts here does not end in this cell
                    for (int i = 0; i < 3; i++) {
                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^""",
                report("int a = 1;\nfor (int i = 0; i < 3; i++) {\n    a++;\n"));
    }

    @Test
    void anExceptionNamesTheReadersOwnLinesInEveryCell() throws Exception {
        kernel.run("// divides\nint divide(int a) {\n    return 1 / a;\n}");
        int declared = kernel.count();
        assertEquals(
                """
                java.lang.ArithmeticException: / by zero
                    at divide (In [%d], line 3)
                    at Caller.call (In [here], line 5)
                    at In [here], line 9"""
                        .formatted(declared),
                report(
                        "int before = 1;\n\nclass Caller {\n    int call() {\n        return divide(0);\n"
                                + "    }\n}\n\nnew Caller().call()"));
    }

    @Test
    void linesAreRightBehindMagicsAndInLambdas() {
        assertEquals(
                """
                java.lang.IllegalStateException: in a lambda
                    at In [here], line 4
                    at In [here], line 6""",
                report(
                        "\n%classpath .\n\nRunnable r = () -> { throw new IllegalStateException(\"in a lambda\"); };\n\nr.run();"));
    }

    @Test
    void causesAreShownWithTheirLines() {
        assertEquals(
                """
                java.lang.RuntimeException: outer
                    at In [here], line 4
                Caused by: java.lang.IllegalArgumentException: inner
                    at In [here], line 2""",
                report(
                        "try {\n    throw new IllegalArgumentException(\"inner\");\n} catch (Exception e) {\n"
                                + "    throw new RuntimeException(\"outer\", e);\n}"));
    }

    @Test
    void libraryFramesStayAndKernelFramesGo() {
        String report = report("List.of(1).forEach(i -> Objects.checkIndex(i, 0));");
        assertTrue(report.contains("java.util.Objects.checkIndex"), report);
        assertFalse(report.contains("org.lowrank.kernel") || report.contains("REPL"), report);
    }

    @Test
    void anErrorKeepsItsNameAndMessage() {
        ErrorReport report =
                kernel.failure(
                        "throw new AssertionError(\"AltLoRA is above LoRA: claimed, not so\");");
        assertEquals("AssertionError", report.name());
        assertEquals("AltLoRA is above LoRA: claimed, not so", report.message());
        assertEquals("", kernel.failure("throw new OutOfMemoryError();").message());
        assertEquals(
                "StackOverflowError",
                kernel.failure("int deep(int n) { return deep(n + 1) + 1; }\ndeep(0)").name());
    }

    @Test
    void theReadersNamesAreNotWrappedInTheShells() {
        assertTrue(
                report("String none = null;\nnone.length();")
                        .startsWith(
                                "java.lang.NullPointerException: Cannot invoke \"String.length()\""
                                        + " because \"none\" is null"));
    }

    @Test
    void howAMethodIsCalledByNameIsNotShown() {
        String report =
                report("Objects.class.getMethod(\"requireNonNull\", Object.class).invoke(null);");
        assertFalse(report.contains("reflect"), report);
    }

    @Test
    void anErrorInAMagicsLineShowsItAsItWasWritten() {
        assertEquals(
                """
                In [here], line 2: cannot find symbol
                    Missing m = %jars .
                    ^^^^^^^^^^^^^^^^^^^
                      symbol:   class Missing""",
                report("\nMissing m = %jars .\n"));
    }

    @Test
    void aValueThatCannotBeShownIsAnErrorOfTheCell() throws Exception {
        String code =
                "class Bad { public String toString() { throw new IllegalStateException(\"no text\"); } }\nnew Bad()";
        assertEquals("IllegalStateException", kernel.failure(code).name());
        assertEquals("2", kernel.value("1 + 1"));
    }
}
