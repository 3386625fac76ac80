package org.lowrank.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line over a small real table, in this process. */
class LowrankTest {

    private static final String TABLE =
            """
            {
              "name": "spirals",
              "base": {"model": "mlp", "task": {"name": "spiral/small"},
                       "training": {"steps": 12, "batch_size": 16}},
              "tasks": [{"label": "small"}],
              "methods": [{"label": "LoRA", "with": {"adapter": {"rank": 3}}}],
              "protocol": {"kind": "fixed", "learning_rates": [0.02], "seeds": [0, 1]},
              "baseline": "LoRA"
            }
            """;

    @TempDir private Path folder;
    private String table;
    private String runs;

    @BeforeEach
    void setUp() throws IOException {
        table = Files.writeString(folder.resolve("table.json"), TABLE).toString();
        runs = folder.resolve("runs").toString();
    }

    private record Output(int code, String out, String err) {}

    private static Output lowrank(String... arguments) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var systemOut = System.out;
        var systemErr = System.err;
        try {
            System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
            int code = Lowrank.execute(arguments);
            return new Output(
                    code,
                    out.toString(StandardCharsets.UTF_8),
                    err.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(systemOut);
            System.setErr(systemErr);
        }
    }

    @Test
    void aTableIsPlannedRunTaskByTaskListedRenderedAndCleaned() throws IOException {
        var plan = lowrank("plan", table, "--runs", runs);
        assertEquals(0, plan.code());
        assertTrue(plan.out().contains("4 runs, 0 done, 4 to do"), plan.out());
        assertTrue(plan.out().contains("unknown, no run like these"), plan.out());
        assertFalse(Files.exists(Path.of(runs)), "a plan writes nothing");

        var names = lowrank("plan", "--write", table, "--runs", runs).out().lines().toList();
        assertEquals(4, names.size());
        for (var name : names) {
            var run = lowrank("run-one", name, "--runs", runs);
            assertEquals(0, run.code(), run.err());
            assertEquals(name + " finished", run.out().strip());
        }
        assertEquals(0, lowrank("run-one", names.get(0), "--runs", runs).code(), "done is done");
        assertEquals(
                List.of(),
                lowrank("plan", "--write", table, "--runs", runs).out().lines().toList());
        assertTrue(
                lowrank("plan", table, "--runs", runs).out().contains("4 runs, 4 done, 0 to do"));
        var status = lowrank("status", "--runs", runs).out();
        assertEquals(4, status.lines().filter(l -> l.contains("  finished ")).count(), status);
        assertTrue(status.contains("4 runs: 4 finished"), status);

        var figures = folder.resolve("figures");
        assertEquals(
                0, lowrank("table", table, "--runs", runs, "--out", figures.toString()).code());
        for (var end : List.of(".md", ".tex", ".csv", "_small_loss.png")) {
            assertTrue(Files.size(figures.resolve("spirals" + end)) > 100, end);
        }
        assertTrue(lowrank("table", table, "--runs", runs).out().contains("Majority class"));

        assertTrue(lowrank("clean", "--runs", runs).out().contains("0 unfinished runs removed"));
        assertTrue(lowrank("plan", table, "--runs", runs).out().contains("4 done"));
    }

    @Test
    void aWrongSpecificationEndsWithItsProblemAndNoTrace() throws IOException {
        Files.writeString(Path.of(table), TABLE.replace("\"rank\"", "\"rnk\""));
        var plan = lowrank("plan", table);
        assertEquals(1, plan.code());
        assertTrue(
                plan.err().contains("methods[0].with.adapter.rnk is not a known field"),
                plan.err());
        assertFalse(plan.err().contains("\tat "), plan.err());
        assertTrue(lowrank("plan", table + "x").err().contains("there is no such file"));
    }

    @Test
    void aReferenceThatDoesNotExistIsFoundBeforeTheRuns() throws IOException {
        var text = TABLE.replace("\"baseline\"", "\"reference\": [\"lora/1\"], \"baseline\"");
        Files.writeString(Path.of(table), text);
        var plan = lowrank("plan", table, "--runs", runs);
        assertEquals(1, plan.code());
        assertTrue(plan.err().contains("reference holds \"lora/1\"; allowed: lora-pro/table-1"));
        Files.writeString(Path.of(table), text.replace("lora/1", "altlora/table-4"));
        var unused = lowrank("plan", table, "--runs", runs);
        assertTrue(
                unused.out().contains("No number of altlora/table-4 belongs to a cell"),
                unused.out());
        assertTrue(unused.out().contains("its methods are"), unused.out());
    }

    @Test
    void anArchiveThatIsNotThereIsRefusedAndOneThatIsCounts() throws IOException {
        for (var name : lowrank("plan", "--write", table, "--runs", runs).out().lines().toList()) {
            assertEquals(0, lowrank("run-one", name, "--runs", runs).code());
        }
        var out = folder.resolve("out");
        lowrank("table", table, "--runs", runs, "--out", out.toString());
        var elsewhere = folder.resolve("elsewhere").toString();
        for (var wrong : List.of(out.resolve("spiral"), out)) {
            var plan = lowrank("plan", table, "--runs", elsewhere, "--archive", wrong.toString());
            assertEquals(1, plan.code());
            assertTrue(plan.err().contains("--archive names " + wrong), plan.err());
            assertTrue(plan.err().contains("TASK.jsonl.xz"), plan.err());
        }
        var right = out.resolve("spirals").toString();
        var plan = lowrank("plan", table, "--runs", elsewhere, "--archive", right);
        assertTrue(plan.out().contains("4 runs, 4 done, 0 to do"), plan.out());
    }

    @Test
    void aTableOverRanksIsWrittenWithItsCurve() throws IOException {
        var axis =
                TABLE.replace("\"baseline\"", "\"axes\": {\"adapter.rank\": [1, 3]}, \"baseline\"");
        Files.writeString(Path.of(table), axis);
        for (var name : lowrank("plan", "--write", table, "--runs", runs).out().lines().toList()) {
            assertEquals(0, lowrank("run-one", name, "--runs", runs).code());
        }
        var out = folder.resolve("out").toString();
        var files = lowrank("table", table, "--runs", runs, "--out", out).out();
        assertTrue(files.contains("spirals_small_over_rank.png"), files);
        assertTrue(files.contains("spirals_small_loss.png"), files);
    }

    @Test
    void aRunThatWasNotPlannedIsRefusedAndLeavesNoFolder() {
        var run = lowrank("run-one", "0123456789abcdef", "--runs", runs);
        assertEquals(1, run.code());
        assertTrue(run.err().contains("was not planned in this folder"), run.err());
        assertFalse(Files.exists(Path.of(runs).resolve("0123456789abcdef")));
        assertTrue(lowrank("run-one", "x", "--runs", runs).err().contains("16 hex digits"));
        assertFalse(lowrank("run-one", "x", "--runs", runs).err().contains("\tat "));
    }

    @Test
    void aFolderWithoutAConfigurationDoesNotHideTheOthersFromTheStatus() throws IOException {
        var names = lowrank("plan", "--write", table, "--runs", runs).out().lines().toList();
        var bare = Files.createDirectories(Path.of(runs).resolve("0123456789abcdef"));
        Files.createFile(bare.resolve("lock.guard"));
        var damaged = Path.of(runs).resolve(names.get(0)).resolve("config.json");
        Files.writeString(damaged, "{");
        var status = lowrank("status", "--runs", runs);
        assertEquals(0, status.code(), status.err());
        assertTrue(
                status.out()
                        .lines()
                        .anyMatch(
                                line ->
                                        line.startsWith("0123456789abcdef")
                                                && line.contains("no usable configuration")
                                                && line.contains("was not planned")),
                status.out());
        assertEquals(2, status.out().lines().filter(l -> l.contains("no usable conf")).count());
        for (var name : names) {
            assertTrue(status.out().contains(name), status.out());
        }
    }

    @Test
    void runsThatAreALinkToNowhereOrAFileAreNamedByEveryCommand() throws IOException {
        var link = folder.resolve("link");
        Files.createSymbolicLink(link, Path.of("/scratch/not/mounted"));
        var file = Files.writeString(folder.resolve("file"), "");
        for (var command : List.of("plan", "run", "table", "status", "clean")) {
            boolean ofTable = List.of("plan", "run", "table").contains(command);
            for (var place : List.of(link, file)) {
                var said =
                        ofTable
                                ? lowrank(command, table, "--runs", place.toString())
                                : lowrank(command, "--runs", place.toString());
                assertEquals(1, said.code(), command + said.out());
                var expected =
                        place.equals(link)
                                ? link + " is a link to /scratch/not/mounted, which is not there"
                                : file + " is a file, not a folder";
                assertTrue(said.err().contains(expected), command + said.err());
                assertFalse(said.err().contains("Exception"), said.err());
            }
        }
        assertTrue(Files.isSymbolicLink(link), "untouched");
    }

    @Test
    void recordsThatCannotBeReadAreToldUnderTheTableAndNeverOverwritten() throws IOException {
        var names = lowrank("plan", "--write", table, "--runs", runs).out().lines().toList();
        names.forEach(name -> lowrank("run-one", name, "--runs", runs));
        var half = Path.of(runs).resolve(names.get(0)).resolve("record.json");
        var text = Files.readString(half);
        Files.writeString(half, text.substring(0, text.length() / 2));
        var newer = Path.of(runs).resolve(names.get(1)).resolve("record.json");
        Files.writeString(newer, Files.readString(newer).replaceFirst("\\{", "{\"format\": 9,"));
        var elses = Path.of(runs).resolve(names.get(2)).resolve("record.json");
        Files.copy(
                elses.resolveSibling("../" + names.get(3) + "/record.json"),
                elses,
                StandardCopyOption.REPLACE_EXISTING);
        var page = lowrank("table", table, "--runs", runs);
        assertEquals(0, page.code(), page.err());
        for (var cause :
                List.of(
                        half + ": line ",
                        newer + ": format is not a known field",
                        elses
                                + ": is the record of run "
                                + names.get(3)
                                + ", not "
                                + names.get(2))) {
            assertTrue(page.out().contains("- Left out: " + cause), cause + "\n" + page.out());
        }
        var status = lowrank("status", "--runs", runs).out();
        assertTrue(status.contains("4 runs: 1 finished, 3 unreadable"), status);
        var run = lowrank("run", table, "--runs", runs);
        assertEquals(1, run.code());
        assertTrue(run.err().contains("move it away to have the run done again"), run.err());
        assertTrue(Files.readString(newer).contains("\"format\": 9"), "not overwritten");
        Files.delete(half);
        assertEquals(0, lowrank("run-one", names.get(0), "--runs", runs).code());
        assertEquals(text.length() / 100, Files.readString(half).length() / 100, 3);
    }

    @Test
    void aChangedConfigurationIsNotRunUnderTheOldName() throws IOException {
        var name = lowrank("plan", "--write", table, "--runs", runs).out().lines().findFirst();
        var config = Path.of(runs).resolve(name.orElseThrow()).resolve("config.json");
        Files.writeString(
                config, Files.readString(config).replace("\"steps\" : 12", "\"steps\" : 13"));
        var run = lowrank("run-one", name.get(), "--runs", runs);
        assertEquals(1, run.code());
        assertTrue(run.err().contains("was changed: it hashes to"), run.err());
    }

    @Test
    void aBenchmarkThatDoesNotExistIsRefusedWithTheNamesOfThoseThatDo() {
        var run = lowrank("bench", "speed");
        assertEquals(2, run.code());
        for (var name : List.of("share", "encoder", "sylvester", "optimizers")) {
            assertTrue(run.err().contains(name), run.err());
        }
    }

    @Test
    void whatCanBeFetchedIsShownAndANameThatIsNoneIsRefusedInOneLine() {
        var list = lowrank("fetch", "--into", runs);
        assertEquals(0, list.code(), list.err());
        for (var name :
                List.of("glue/CoLA", "gsm8k", "gtsrb", "smollm2-135m-instruct", "e5-small-v2")) {
            assertEquals(1, list.out().lines().filter(l -> l.startsWith(name + " ")).count(), name);
        }
        assertTrue(list.out().contains("CC BY-SA 4.0"), list.out());
        assertFalse(Files.exists(Path.of(runs)), "a list fetches nothing");
        var none = lowrank("fetch", "glue/None", "--into", runs);
        assertEquals(1, none.code());
        assertTrue(none.err().startsWith("nothing is named 'glue/None'; there are"), none.err());
        assertTrue(lowrank("fetch", "glue").err().contains("begins several names: [glue/CoLA"));
    }
}
