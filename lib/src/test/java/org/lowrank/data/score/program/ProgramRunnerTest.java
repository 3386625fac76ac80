package org.lowrank.data.score.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lowrank.data.score.program.ProgramVerdict.Result;

/** Programs that mean harm, or do it: right verdict, nothing left of them. */
class ProgramRunnerTest {

    private static ProgramRunner runner;

    static ProgramRunner runner() throws IOException, InterruptedException {
        if (runner == null) {
            try {
                runner = ProgramRunner.open(true, ProgramLimits.DEFAULT);
            } catch (GeneratedCodeException e) {
                Assumptions.abort("skipped: " + e.getMessage());
            }
        }
        return runner;
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        assertEquals(List.of(), leftProcesses());
        try (var files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            assertEquals(
                    List.of(),
                    files.filter(f -> f.getFileName().toString().startsWith(ProgramRunner.FOLDER))
                            .toList());
        }
        assertFalse(Files.exists(hurt()));
    }

    static List<Long> leftProcesses() {
        return ProcessHandle.current()
                .descendants()
                .filter(ProcessHandle::isAlive)
                .map(ProcessHandle::pid)
                .toList();
    }

    private static Path hurt() {
        return Path.of(System.getProperty("java.io.tmpdir"), "lowrank-hurt");
    }

    @Test
    void isRunOnlyWhereAPersonSaidSo() {
        var refusal =
                assertThrows(
                        GeneratedCodeException.class,
                        () -> ProgramRunner.open(false, ProgramLimits.DEFAULT));
        assertTrue(refusal.getMessage().contains("--run-generated-code"), refusal.getMessage());
    }

    /** Each is said to fail, and in what words. */
    static Stream<List<String>> harmful() {
        return Stream.of(
                List.of(
                        "import os, time\nfor i in range(60):\n"
                                + "  if not os.fork(): time.sleep(9)\ntime.sleep(2)",
                        ""),
                List.of("import os\nos.kill(os.getpid(), 9)", "ended with status"),
                List.of("import os\nos.abort()", "ended with status"),
                List.of("x = bytearray(1 << 40)", "MemoryError"),
                List.of("x = []\nwhile True: x.append(bytearray(1 << 24))", "MemoryError"),
                List.of(
                        "import os, time\nfor i in range(8):\n  if not os.fork():\n"
                                + "    x = bytearray(300 << 20)\n    time.sleep(9)\ntime.sleep(9)",
                        "memory"),
                List.of("f = open('big', 'wb')\nwhile True: f.write(b'x' * (1 << 20))", ""),
                List.of(
                        "for i in range(10**6):\n  open(f'f{i}', 'wb').write(b'x' * (1 << 20))",
                        ""),
                List.of("import ctypes\nctypes.string_at(0)", "ended with status"),
                List.of("raise SystemExit(0)", "SystemExit"),
                List.of("quit()", ""),
                List.of("class A(BaseException):\n  def __str__(s): raise s\nraise A", "A"),
                List.of("import os\nos.write(1, b'passed'); os._exit(0)", "ended with status 0"),
                List.of(
                        "import os\nfor fd in range(256):\n"
                                + "  try: os.write(fd, b'\\n passed\\n' * 9999)\n"
                                + "  except OSError: pass\nos._exit(0)",
                        "ended with status 0"),
                List.of("import os\nos.closerange(0, 256)\nraise ValueError(3)", ""),
                List.of("x = '\0'", ""),
                List.of("def f(:", "SyntaxError"),
                List.of("import os\nos.execv('/bin/true', ['true'])", "ended with status 0"),
                List.of("assert False, '\\ud800' * 9", "AssertionError"));
    }

    @ParameterizedTest
    @MethodSource
    void harmful(List<String> program) throws Exception {
        // none of these is about time, which is short where other work is under way
        runner();
        var patient = ProgramRunner.open(true, ProgramLimits.DEFAULT.withSeconds(20));
        var verdict = patient.run(program.get(0));
        assertEquals(Result.FAILED, verdict.result(), verdict.toString());
        assertTrue(verdict.said().contains(program.get(1)), verdict.toString());
        assertFalse(verdict.said().isEmpty());
    }

    @ParameterizedTest
    @Tag("soak")
    @ValueSource(
            strings = {
                "while True: os.fork()",
                "while os.fork() == 0: os.setsid()\nwhile True: pass",
            })
    void whatForksWithoutEndIsStopped(String program) throws Exception {
        Assumptions.assumeTrue(runner().facts().get("files").startsWith("read-only"));
        assertEquals(Result.FAILED, runner().run("import os\n" + program).result());
    }

    @Test
    void whatGoesOnForEverIsEndedInTime() throws Exception {
        var quick = ProgramRunner.open(true, ProgramLimits.DEFAULT.withSeconds(1));
        var endless =
                List.of(
                        "while True:\n  try:\n    while True: pass\n  except BaseException: pass",
                        "import signal, time\nfor s in range(1, 32):\n"
                                + "  try: signal.signal(s, signal.SIG_IGN)\n"
                                + "  except (OSError, ValueError): pass\ntime.sleep(600)",
                        "import threading, time\nthreading.Thread(target=time.sleep, args=(600,))"
                                + ".start()\nwhile True: time.sleep(1)",
                        "import os, time\nif os.fork(): time.sleep(600)");
        for (var verdict : quick.run(endless, 4)) {
            assertEquals(Result.TIMED_OUT, verdict.result(), verdict.toString());
        }
    }

    /** Its own folder is a program's to delete; nothing else goes with it. */
    @Test
    void aProgramMayDeleteItsFolder() throws Exception {
        var all = "import os, shutil\nshutil.rmtree(os.getcwd(), ignore_errors=True)\n";
        var home = "shutil.rmtree(os.path.expanduser('~'), ignore_errors=True)\n";
        assertEquals(Result.PASSED, runner().run(all + home).result());
        var kept = Files.createTempFile("lowrank-kept", "");
        var above = "shutil.rmtree('" + kept.getParent() + "', ignore_errors=True)\n";
        if (runner().facts().get("files").startsWith("read-only")) {
            runner().run("import shutil\n" + above);
            assertTrue(Files.exists(kept));
        }
        Files.delete(kept);
    }

    /** A pass leaves nothing running either: a child with a session and a name of its own. */
    @Test
    void childrenOfAPassAreKilled() throws Exception {
        var escaping =
                "import os, time\n"
                        + "if os.fork() == 0:\n"
                        + "  os.setsid()\n"
                        + "  if os.fork() == 0:\n"
                        + "    os.execve('/bin/sleep', ['sleep', '321'], {})\n"
                        + "  os._exit(0)\n"
                        + "time.sleep(0.3)";
        assertEquals(Result.PASSED, runner().run(escaping).result());
        if (!runner().facts().get("processes").startsWith("found")) {
            assertTrue(
                    ProcessHandle.allProcesses()
                            .noneMatch(p -> p.info().commandLine().orElse("").endsWith(" 321")));
        }
    }

    /** Where a system allows no namespaces: limits and marks alone. */
    @ParameterizedTest
    @Tag("soak")
    @EnumSource(Isolation.Level.class)
    void everyLevelKeepsItsPromises(Isolation.Level level) throws Exception {
        runner();
        var runner = ProgramRunner.within(Isolation.atMost(level), ProgramLimits.DEFAULT);
        var programs =
                List.of(
                        "pass",
                        "import os, time\nif os.fork() == 0:\n  os.setsid()\n  time.sleep(600)",
                        "import os, time\nfor i in range(60):\n  if not os.fork(): time.sleep(9)\ntime.sleep(2)",
                        "import os\nos._exit(0)",
                        "import os, time\nif not os.fork(): time.sleep(600)\ntime.sleep(600)",
                        "x = bytearray(1 << 40)",
                        "import os\nfor i in range(10**6):\n"
                                + "  open(f'f{i}', 'wb').write(b'x' * (1 << 20))");
        var said = runner.run(programs, 2).stream().map(v -> v.result()).toList();
        var failed = Result.FAILED;
        var passed = Result.PASSED;
        assertEquals(
                List.of(passed, passed, failed, failed, Result.TIMED_OUT, failed, failed), said);
    }

    @Test
    void theWorldOutsideIsOutOfReach() throws Exception {
        var facts = runner().facts();
        if (facts.get("files").startsWith("read-only")) {
            var write = "open('" + hurt() + "', 'w').write('x')";
            assertTrue(runner().run(write).said().contains("Read-only"));
            assertEquals(
                    Result.PASSED,
                    runner().run("open('own', 'w').write('x')\nassert open('own').read()")
                            .result());
        }
        if (facts.get("network").equals("none")) {
            var parent = "import os\nos.kill(" + ProcessHandle.current().pid() + ", 9)";
            assertTrue(runner().run(parent).said().startsWith("ProcessLookupError"));
            try (var server = new java.net.ServerSocket(0)) {
                var connect =
                        "import socket\nsocket.create_connection(('127.0.0.1', %d), 2)"
                                .formatted(server.getLocalPort());
                assertTrue(runner().run(connect).said().contains("Error"));
            }
        }
        assertEquals(Result.PASSED, runner().run("import os\nassert len(os.environ) < 9").result());
    }
}
