package org.lowrank.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MagicsTest {

    private static TestKernel kernel;

    @TempDir Path folder;

    @BeforeAll
    static void start() {
        kernel = new TestKernel();
    }

    @AfterAll
    static void stop() {
        kernel.close();
    }

    @Test
    void classpathTakesAJarWhoseManifestNamesOthers() throws Exception {
        JarOfOneClass.write(folder.resolve("deps/other.jar"), "one.Other", "from deps");
        JarOfOneClass.write(folder.resolve("kit.jar"), "one.Kit", "from the kit", "deps/other.jar");
        assertEquals(
                "from the kit, from deps",
                kernel.value(
                        "%classpath "
                                + folder.resolve("kit.jar")
                                + "\none.Kit.TEXT + \", \" + one.Other.TEXT"));
    }

    @Test
    void classpathTakesSeveralPathsAndGlobs() throws Exception {
        JarOfOneClass.write(folder.resolve("a.jar"), "two.A", "a");
        JarOfOneClass.write(folder.resolve("more/b.jar"), "two.B", "b");
        assertNull(
                kernel.run(
                        "%classpath "
                                + folder.resolve("a.jar")
                                + " "
                                + folder.resolve("more")
                                + "/*.jar"));
        assertEquals("ab", kernel.value("two.A.TEXT + two.B.TEXT"));
    }

    @Test
    void classpathTakesAPathWithSpacesInQuotes() throws Exception {
        JarOfOneClass.write(folder.resolve("my jars/c.jar"), "three.C", "c");
        assertEquals(
                "c",
                kernel.value(
                        "%classpath \"" + folder.resolve("my jars/c.jar") + "\"\nthree.C.TEXT"));
    }

    @Test
    void jarsReturnsWhatItAdded() throws Exception {
        Path jar = folder.resolve("d.jar");
        JarOfOneClass.write(jar, "four.D", "d");
        assertEquals(
                "[" + jar + "]", kernel.value("List<String> added = %jars " + jar + "\nadded"));
        assertEquals("d", kernel.value("four.D.TEXT"));
    }

    @Test
    void aPathThatIsNotThereIsAnErrorThatNamesItAndTheWorkingDirectory() {
        ErrorReport report = kernel.failure("%classpath ../lib/target/nothing.jar");
        assertEquals("FileNotFoundException", report.name());
        assertTrue(report.message().contains("../lib/target/nothing.jar"), report.message());
        assertTrue(
                report.message().contains(Path.of("").toAbsolutePath().toString()),
                report.message());
    }

    @Test
    void anUnknownMagicIsAnErrorButARemainderIsNot() throws Exception {
        assertEquals("UndefinedMagicException", kernel.failure("%nosuchmagic x").name());
        assertEquals("2", kernel.value("17\n  % 5"));
        assertEquals("3", kernel.value("int m = 17\n    %7; m"));
    }

    @Test
    void aMagicsArgumentsReachItAsTheyStand() throws Exception {
        List<String> received = new ArrayList<>();
        kernel.kernel().magics().registerLineMagic("note", received::addAll);
        kernel.run("%note one \"two words\" ä,ö\n  %note four");
        assertEquals(List.of("one", "two words", "ä,ö", "four"), received);
        kernel.kernel().magics().registerCellMagic("note", (arguments, body) -> received.add(body));
        kernel.run("%%note\nline \"one\"\n\\two\tthree");
        assertEquals("line \"one\"\n\\two\tthree", received.get(4));
    }

    @Test
    void loadRunsAScriptAndANotebooksCodeCells() throws Exception {
        Path script =
                Files.writeString(
                        folder.resolve("part.jshell"),
                        "int loaded = 5;\nint twice(int n) { return 2 * n; }");
        assertEquals("10", kernel.value("%load " + script + "\ntwice(loaded)"));
        Path notebook =
                Files.writeString(
                        folder.resolve("other.ipynb"),
                        """
                        {"cells": [{"cell_type": "markdown", "source": ["not code"]},
                                   {"cell_type": "code", "source": ["int fromNotebook = 7;\\n", "fromNotebook++;"]}]}
                        """);
        assertEquals("8", kernel.value("%load " + notebook + "\nfromNotebook"));
    }

    @Test
    void anErrorInALoadedFileShowsItsOwnLine() throws Exception {
        Path script =
                Files.writeString(
                        folder.resolve("bad.jshell"), "int fine = 1;\nint broken = fine / 0;");
        String report = TestKernel.plain(kernel.failure("%load " + script));
        assertTrue(
                report.contains("ArithmeticException") && report.contains("loaded code, line 2"),
                report);
        Path wrong =
                Files.writeString(
                        folder.resolve("wrong.jshell"), "int fine = 1;\nint broken = finee;");
        report = TestKernel.plain(kernel.failure("%load " + wrong));
        assertTrue(report.startsWith("loaded code, line 2: cannot find symbol"), report);
    }

    @Test
    void mavenAddsAnArtifact() throws Exception {
        assertEquals(
                "4.7.7",
                kernel.value("%maven info.picocli:picocli:4.7.7\npicocli.CommandLine.VERSION"));
    }

    @Test
    void loadFromPomAddsWhatThePomNeeds() throws Exception {
        Path pom =
                Files.writeString(
                        folder.resolve("pom.xml"), pom("org.ejml", "ejml-core", "0.44.0"));
        JarOfOneClass.write(folder.resolve("target/x.jar"), "five.E", "e");
        assertEquals(
                "0.44.0", kernel.value("%loadFromPOM " + pom + "\norg.ejml.EjmlVersion.VERSION"));
        assertTrue(
                kernel.failure("%loadFromPOM nowhere/pom.xml").message().startsWith("no POM at "));
    }

    @Test
    void aPomInACellThatMavenCannotReadIsAnErrorWithMavensWords() {
        ErrorReport report =
                kernel.failure(
                        "%%loadFromPOM\n<dependency>\n  <groupId>no.version</groupId>\n</dependency>");
        assertEquals("IOException", report.name());
        assertTrue(report.message().startsWith("Maven could not resolve this:"), report.message());
        assertTrue(report.message().contains("no.version"), report.message());
    }

    @Test
    void coordinatesThatAreNoneAreRefusedBeforeMavenStarts() {
        assertEquals(
                "\"picocli\" is not group:artifact[:type[:classifier]]:version",
                kernel.failure("%maven picocli").message());
    }

    private static String pom(String group, String artifact, String version) {
        return """
                <project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
                <groupId>t</groupId><artifactId>t</artifactId><version>1</version><dependencies><dependency>
                <groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version></dependency></dependencies></project>
                """
                .formatted(group, artifact, version);
    }
}
