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
        String refusal = kernel.failure("%nosuchmagic x").message();
        assertTrue(
                refusal.startsWith("there is no magic %nosuchmagic; there are %add")
                        && refusal.contains(" first in a cell, %%loadFromPOM "),
                refusal);
        assertTrue(kernel.failure("%%nosuch\nx").message().contains("no magic %%nosuch;"));
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

    @Test
    void aRepositoryOfOnesOwnIsAskedToo() throws Exception {
        String version = "1." + System.nanoTime(); // Maven keeps what it has once found
        publish("thing", version, "six.F");
        publish("other", version, "six.G");
        String url = folder.resolve("repository").toUri().toString();
        try {
            kernel.run(
                    """
                    %%%%loadFromPOM runtime
                    <repository><id>own</id><url>%s</url></repository>
                    <dependency>
                      <groupId>notebook.test</groupId><artifactId>other</artifactId><version>%s</version>
                    </dependency>
                    """
                            .formatted(url, version));
            assertEquals("six.G", kernel.value("six.G.TEXT"));
            assertNull(kernel.run("%mavenRepo own " + url));
            String coordinates = "notebook.test:thing:" + version;
            assertEquals(
                    "six.F", kernel.value("%addMavenDependency " + coordinates + "\nsix.F.TEXT"));
        } finally {
            deleteTree(Path.of(System.getProperty("user.home"), ".m2/repository/notebook/test"));
        }
    }

    private void publish(String name, String version, String type) throws Exception {
        Path artifact = folder.resolve("repository/notebook/test/" + name + "/" + version);
        JarOfOneClass.write(artifact.resolve(name + "-" + version + ".jar"), type, type);
        Files.writeString(
                artifact.resolve(name + "-" + version + ".pom"),
                """
                <project><modelVersion>4.0.0</modelVersion><groupId>notebook.test</groupId>
                <artifactId>%s</artifactId><version>%s</version></project>
                """
                        .formatted(name, version));
    }

    private static void deleteTree(Path folder) throws Exception {
        if (Files.exists(folder)) {
            try (var paths = Files.walk(folder)) {
                for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    @Test
    void whatMavensMagicsCannotUseIsRefused() {
        assertTrue(kernel.failure("%mavenRepo mirror").message().contains("an id and a URL"));
        assertTrue(kernel.failure("%maven --from x a:b:1").message().startsWith("--from x:"));
        assertTrue(
                kernel.failure("%%loadFromPOM nowhere\n<dependency/>")
                        .message()
                        .startsWith("\"nowhere\" is no scope of Maven; there are [compile, "));
    }

    @Test
    void timeRunsItsCodeShowsTheValueAndSaysHowLongItTook() throws Exception {
        assertNull(kernel.run("%%time\nint timed = 20;\ntimed + 1"));
        assertTrue(
                kernel.out().matches("time \\d+\\.\\d{3} s, of the processors .*\n"), kernel.out());
        assertEquals("21", TestKernel.text(((Output.Display) kernel.pictures().get(0)).data()));
        assertEquals("20", kernel.value("%time Thread.sleep(1)\ntimed"));
    }

    @Test
    void anErrorInTimedCodeIsInTheCellsOwnLineAndHasNoFramesOfTheShell() {
        ErrorReport report = kernel.failure("int zero = 0;\n\n%time 1 / zero");
        assertEquals(
                "java.lang.ArithmeticException: / by zero\n    at In ["
                        + kernel.count()
                        + "], line 3",
                TestKernel.plain(report));
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
