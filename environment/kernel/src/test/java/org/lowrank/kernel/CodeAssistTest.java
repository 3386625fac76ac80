package org.lowrank.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spencerpark.jupyter.kernel.ReplacementOptions;
import io.github.spencerpark.jupyter.kernel.display.mime.MIMEType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        assertTrue(inspect("Math.max(1, 2)", 7).contains("double Math.max(double a, double b)"));
    }

    @Test
    void completesBehindImportsAndMethodsOfTheSameCell() {
        String code = "import java.nio.file.*;\nint twice(int n) { return 2 * n; }\ngreeting.isBl";
        assertEquals(
                List.of("isBlank()"),
                kernel.kernel().complete(code, code.length()).getReplacements());
    }

    @Test
    void completesMagics() {
        ReplacementOptions options = kernel.kernel().complete("int a = 1;\n%cla", 15);
        assertEquals(List.of("%classpath"), options.getReplacements());
        assertEquals(11, options.getSourceStart());
        assertTrue(kernel.kernel().complete("%%ti", 4).getReplacements().contains("%%time"));
    }

    @Test
    void aClassThatIsNotImportedOffersItsImport() {
        var offered = inspect("Path.of(", 2).lines().toList();
        assertTrue(offered.contains("import java.nio.file.Path;"), offered.toString());
    }

    @Test
    void explainsWhatHasItsSourceBesideItsJar(@TempDir Path folder) throws Exception {
        Path jar = folder.resolve("told.jar");
        JarOfOneClass.write(jar, "told.Told", "text");
        try (var sources =
                new ZipOutputStream(Files.newOutputStream(folder.resolve("told-sources.jar")))) {
            sources.putNextEntry(new ZipEntry("told/Told.java"));
            sources.write(
                    """
                    package told;
                    /**
                     * Keeps a {@code TEXT} of {@link java.lang.String}.
                     *
                     * <p>For a test.
                     */
                    public class Told {
                        public static final String TEXT = "text";
                    }
                    """
                            .getBytes());
        }
        kernel.run("%classpath " + jar);
        var shown = kernel.kernel().inspect("told.Told", 7, false);
        assertEquals(
                "told.Told\nKeeps a `TEXT` of `java.lang.String`.\n\nFor a test.",
                TestKernel.text(shown));
        assertTrue(shown.hasDataForType(MIMEType.TEXT_MARKDOWN));
    }

    @Test
    void aCommentIsReadAsMarkdown() {
        assertEquals(
                "Adds *two* numbers, see `Math.max` & more.\n\n- `a`: the first\n- returns the sum"
                        + "\n- throws `ArithmeticException` if it is too large",
                JavadocText.markdown(
                        " Adds <i>two</i> numbers, see {@link Math#max} &amp; more.\n"
                                + " @param a the first\n @return the sum\n @see Other\n"
                                + " @throws ArithmeticException if it is too large\n"));
    }

    @Test
    void aMethodsCommentIsFoundByItsParameters(@TempDir Path folder) throws Exception {
        try (var sources =
                new ZipOutputStream(Files.newOutputStream(folder.resolve("x-sources.jar")))) {
            sources.putNextEntry(new ZipEntry("p/X.java"));
            sources.write(
                    "package p; public class X { /** One. */ void m(int a) {} /** Text. */ void m(String a) {} public static class In { /** Made. */ public In(int a) {} } }"
                            .getBytes());
        }
        SourceDocs docs = new SourceDocs();
        docs.lookBeside(folder.resolve("x.jar").toString());
        assertEquals("Text.", docs.of("p.X", "m", List.of("String")).orElseThrow());
        assertEquals("Made.", docs.of("p.X.In", "In", List.of("int")).orElseThrow());
        assertTrue(docs.of("p.X", "m", List.of("double")).isEmpty());
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
