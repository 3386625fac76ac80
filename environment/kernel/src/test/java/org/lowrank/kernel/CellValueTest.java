package org.lowrank.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import io.github.spencerpark.jupyter.kernel.display.mime.MIMEType;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CellValueTest {

    private static TestKernel kernel;

    @BeforeAll
    static void start() {
        kernel = new TestKernel();
    }

    @AfterAll
    static void stop() {
        kernel.close();
    }

    @Test
    void theLastExpressionIsTheValue() throws Exception {
        assertEquals("42", kernel.value("int six = 6;\nint seven = 7;\nsix * seven"));
        assertEquals("6", kernel.value("six"));
        assertEquals("[1, 4, 9]", kernel.value("List.of(1, 4, 9);\n"));
        assertEquals("P[x=1]", kernel.value("record P(int x) {}\nnew P(1) // a comment behind it"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "int x = 5;",
                "int y = 5; y = 6",
                "void f() {}\nf();",
                "(Object) null",
                "import java.util.stream.*;",
                "for (int i = 0; i < 2; i++) { }",
                "// nothing",
                ""
            })
    void statementsAndNullHaveNoValue(String code) throws Exception {
        assertNull(kernel.run(code));
    }

    @Test
    void declarationsMayReferToEachOtherWithinACell() throws Exception {
        assertEquals(
                "true",
                kernel.value(
                        "boolean even(int n) { return n == 0 || odd(n - 1); }\n"
                                + "boolean odd(int n) { return n != 0 && even(n - 1); }\neven(10)"));
        assertEquals("", kernel.err());
    }

    @Test
    void aDeclarationThatLacksSomethingSaysSoAtOnceAndWhenUsed() throws Exception {
        kernel.run("int later() { return notYet + 1; }");
        assertEquals(
                "later cannot be used until this is declared: variable notYet\n", kernel.err());
        ErrorReport report = kernel.failure("later()");
        assertEquals(
                "later cannot be used until this is declared: variable notYet", report.message());
        assertEquals("8", kernel.value("int notYet = 7;\nlater()"));
    }

    @Test
    void aMethodAClassAndAVariableMayBeDeclaredAnew() throws Exception {
        kernel.run("int answer() { return 1; }\nclass Box { int n = 1; }\nint size = 1;");
        assertEquals("new", kernel.value("String answer() { return \"new\"; }\nanswer()"));
        assertEquals("2", kernel.value("class Box { String n = \"2\"; }\nnew Box().n"));
        assertEquals("big", kernel.value("String size = \"big\";\nsize"));
        assertEquals("", kernel.err());
    }

    @Test
    void whatADeclarationAnewTakesFromOthersIsSaid() throws Exception {
        kernel.run(
                "record Old(int x) {}\nvar kept = new Old(1);\nint unit = 3;\nint twice() { return 2 * unit; }");
        kernel.run("record Old(int x, int y) {}");
        assertEquals(
                "kept has lost its value, because Old was declared anew: run its cell again\n",
                kernel.err());
        kernel.run("String unit = \"m\";");
        assertEquals(
                "twice no longer fits, because unit was declared anew: bad operand types for binary operator '*'\n",
                kernel.err());
        assertTrue(kernel.failure("twice()").message().startsWith("twice no longer fits what was"));
        kernel.run("record Old(int z) {}\nvar kept = new Old(1);");
        assertEquals("", kernel.err(), "declared anew itself");
    }

    @Test
    void printedTextGoesToItsStreamInOrder() throws Exception {
        kernel.run(
                "System.out.println(\"α → β\"); System.err.println(\"warning\"); printf(\"%d steps\", 3);");
        assertEquals("α → β\n3 steps", kernel.out());
        assertEquals("warning\n", kernel.err());
    }

    @Test
    void manyPrintsTravelAsFewMessages() throws Exception {
        kernel.run("for (int i = 0; i < 20_000; i++) System.out.println(i);");
        assertEquals(20_000, kernel.out().lines().count());
        assertFalse(kernel.messages() > 2_000, kernel.messages() + " messages");
    }

    @Test
    void anotherThreadsTextIsShownToo() throws Exception {
        kernel.run(
                "var t = new Thread(() -> System.out.println(\"from a thread\")); t.start(); t.join();");
        assertEquals("from a thread\n", kernel.out());
    }

    @Test
    void displayShowsNowAndLeavesNoIdBehind() throws Exception {
        assertNull(kernel.run("display(\"<b>bold</b>\", \"text/html\");"));
        Output.Display shown = assertInstanceOf(Output.Display.class, kernel.pictures().get(0));
        assertEquals("<b>bold</b>", shown.data().getData(MIMEType.TEXT_HTML));
        assertNull(kernel.run("display(1)"));
        assertNotNull(
                kernel.run("String id = display(1);\nid"), "asked for by name, the id is a value");
    }

    @Test
    void updateDisplayReplacesWhatWasShown() throws Exception {
        kernel.run(
                "String bar = display(\"0 %\", \"text/html\");\nupdateDisplay(bar, \"100 %\", \"text/html\");");
        List<Output> shown = kernel.pictures();
        DisplayData first = assertInstanceOf(Output.Display.class, shown.get(0)).data();
        DisplayData second = assertInstanceOf(Output.Update.class, shown.get(1)).data();
        assertEquals(first.getDisplayId(), second.getDisplayId());
        assertEquals("100 %", second.getData(MIMEType.TEXT_HTML));
        kernel.run("updateDisplay(bar, 5);");
        assertEquals("5", TestKernel.text(((Output.Update) kernel.pictures().get(0)).data()));
    }

    @Test
    void renderGivesAPictureThatTheCellMayChange() throws Exception {
        DisplayData data =
                kernel.run(
                        "var d = render(\"# Title\", \"text/markdown\"); d.putText(\"a title\"); d");
        assertEquals("# Title", data.getData(MIMEType.TEXT_MARKDOWN));
        assertEquals("a title", TestKernel.text(data));
    }

    @Test
    void evalRunsTextAsACell() throws Exception {
        assertEquals("30", kernel.value("(int) eval(\"int inner = 29; inner + 1\")"));
        assertEquals("29", kernel.value("inner"));
    }

    @Test
    void staticStateOfAThreadLivesFromCellToCell() throws Exception {
        kernel.run("ThreadLocal<String> mode = new ThreadLocal<>(); mode.set(\"training\");");
        assertEquals("training", kernel.value("mode.get()"));
    }
}
