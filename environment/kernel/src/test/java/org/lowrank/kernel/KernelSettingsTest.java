package org.lowrank.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KernelSettingsTest {

    @TempDir Path folder;

    @Test
    void nothingSetMeansNoLimitAndNoScripts() {
        assertEquals(
                new KernelSettings(List.of(), List.of(), List.of(), "", Duration.ZERO),
                KernelSettings.of(Map.of()));
    }

    @ParameterizedTest
    @CsvSource({"2 SECONDS,2000", "750,750", "1 minutes,60000", "-1,0", "0 SECONDS,0"})
    void theTimeLimitIsANumberAndAUnit(String value, long millis) {
        assertEquals(
                millis,
                KernelSettings.of(Map.of("IJAVA_TIMEOUT", value)).statementTimeout().toMillis());
    }

    @Test
    void jjavasNamesAreReadWhereIJavasAreNotSet() {
        assertEquals(
                new KernelSettings(
                        List.of("a.jar"), List.of(), List.of(), "int a;", Duration.ofSeconds(3)),
                KernelSettings.of(
                        Map.of(
                                "JJAVA_CLASSPATH", "a.jar",
                                "JJAVA_STARTUP_SCRIPT", "int b;",
                                "IJAVA_STARTUP_SCRIPT", "int a;",
                                "JJAVA_TIMEOUT", "3 seconds")));
    }

    @Test
    void aTimeLimitThatIsNoneIsRefused() {
        Exception e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> KernelSettings.of(Map.of("IJAVA_TIMEOUT", "2 fortnights")));
        assertTrue(
                e.getMessage().startsWith("IJAVA_TIMEOUT is \"2 fortnights\"; expected"),
                e.getMessage());
    }

    @Test
    void startUpRunsTheScriptsThenTheScript() throws Exception {
        Files.writeString(folder.resolve("1.jshell"), "int a = 20;\nint b = 1;");
        Files.writeString(folder.resolve("2.jshell"), "b = a + 1;");
        Map<String, String> environment =
                Map.of(
                        "IJAVA_STARTUP_SCRIPTS_PATH",
                        folder.resolve("1.jshell")
                                + File.pathSeparator
                                + folder.resolve("2.jshell"),
                        "IJAVA_STARTUP_SCRIPT",
                        "int c = 2 * b;",
                        "IJAVA_COMPILER_OPTS",
                        "-Xlint:all -Werror");
        try (TestKernel kernel = new TestKernel(environment)) {
            assertEquals("42", kernel.value("c"));
            assertEquals(
                    "CompileError",
                    kernel.failure("var raw = new ArrayList();").name(),
                    "-Werror is on");
        }
    }

    /** More than once: the index of the code analysis is built meanwhile, on another thread. */
    @RepeatedTest(10)
    void theClassPathIsThereFromTheFirstCell() throws Exception {
        JarOfOneClass.write(folder.resolve("greeter.jar"), "acme.Greeter", "hello");
        try (TestKernel kernel = new TestKernel(Map.of("IJAVA_CLASSPATH", folder + "/*.jar"))) {
            assertEquals("hello", kernel.value("acme.Greeter.TEXT"));
        }
    }

    @Test
    void aStartUpScriptThatFailsStopsTheKernelAndSaysWhichAndWhere() {
        Exception e =
                assertThrows(
                        IllegalStateException.class,
                        () ->
                                new TestKernel(
                                                Map.of(
                                                        "IJAVA_STARTUP_SCRIPT",
                                                        "int a = 1;\nint b = a / 0;"))
                                        .close());
        assertTrue(e.getMessage().startsWith("IJAVA_STARTUP_SCRIPT: "), e.getMessage());
        assertTrue(e.getMessage().contains("IJAVA_STARTUP_SCRIPT, line 2"), e.getMessage());
    }

    @Test
    void aClassPathThatMatchesNothingStopsTheKernel() {
        Exception e =
                assertThrows(
                        IllegalStateException.class,
                        () ->
                                new TestKernel(Map.of("IJAVA_CLASSPATH", folder + "/none-*.jar"))
                                        .close());
        assertTrue(
                e.getMessage().startsWith("IJAVA_CLASSPATH: ")
                        && e.getMessage().contains("none-*.jar"),
                e.getMessage());
    }
}
