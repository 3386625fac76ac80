package org.lowrank.soundness;

import static org.junit.jupiter.api.Assertions.fail;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.TinyMlp;
import org.lowrank.adapter.peft.PeftAdapter;
import org.lowrank.data.glue.GlueTask;
import org.lowrank.data.glue.HoldOut;
import org.lowrank.data.glue.Trec;
import org.lowrank.data.instruction.InstructionFile;
import org.lowrank.data.source.DataRoot;
import org.lowrank.experiment.record.Attempts;
import org.lowrank.experiment.record.RecordArchive;
import org.lowrank.experiment.record.Records;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.run.Spirals;
import org.lowrank.experiment.spec.SpecificationReader;
import org.lowrank.golden.GoldenFiles;

/**
 * Damaged files of every kind that people write, fetch or copy: each is read, or refused in a
 * message that names the file; no other exception, no hang. The formats of weights have a test of
 * their own.
 */
@Timeout(value = 3, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ReadersMutationTest {

    private static final long MOST_MEMORY = 512L << 20;

    private static final HoldOut HALF = new HoldOut(0.5, 100, 3);
    private static final Path SAMPLES = Path.of("..", "datasets", "samples");

    @TempDir private Path folder;

    /** Reads what {@link Kind#files} wrote; throws what a person would be told. */
    @FunctionalInterface
    private interface Reader {
        void read(Path folder) throws Exception;
    }

    /** Writes sound files. */
    @FunctionalInterface
    private interface Writer {
        void write(Path folder) throws Exception;
    }

    /** A kind of file; those whose name ends so are damaged, one at a time. */
    private record Kind(String name, String damaged, Writer files, Reader reader) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Kind> kinds() {
        var config = Spirals.run("adamw", 4, 1);
        var hash = config.hash();
        return Stream.of(
                new Kind(
                        "table",
                        ".json",
                        to -> Files.writeString(to.resolve("table.json"), Spirals.table()),
                        from -> SpecificationReader.read(from.resolve("table.json"), "long")),
                new Kind(
                        "configuration",
                        "config.json",
                        to -> RunFolder.at(to).request(config),
                        from -> RunFolder.at(from).config(hash)),
                new Kind(
                        "record",
                        "record.json",
                        to -> RunFolder.at(to).save(Records.of(config, 0.5, 0.5)),
                        from -> {
                            var runs = RunFolder.at(from);
                            var fault = runs.fault(hash);
                            if (fault.isPresent()) {
                                throw new IOException(fault.get());
                            }
                            runs.record(hash).orElseThrow().reproducible();
                        }),
                new Kind(
                        "archive of records",
                        ".xz",
                        to -> RecordArchive.write(to, List.of(Records.of(config, 0.5, 0.5))),
                        from -> {
                            var runs = RunFolder.at(from.resolve("none")).withArchive(from);
                            runs.requireWholeArchives();
                            runs.record(hash)
                                    .orElseThrow(
                                            () -> new IOException(from + " has other records"));
                        }),
                new Kind(
                        "attempts",
                        ".jsonl",
                        to -> Attempts.of(Files.createDirectories(to)).add(),
                        from -> Attempts.of(from).all()),
                glue(GlueTask.COLA),
                glue(GlueTask.STSB),
                glue(GlueTask.QQP),
                glue(GlueTask.MRPC),
                new Kind(
                        "TREC",
                        ".train",
                        to -> copy(SAMPLES.resolve("trec"), to.resolve("trec")),
                        from -> Trec.load(new DataRoot(from), HALF)),
                new Kind(
                        "instructions, JSON Lines",
                        ".jsonl",
                        to ->
                                Files.writeString(
                                        to.resolve("i.jsonl"),
                                        "{\"instruction\":\"Add.\",\"input\":\"1"
                                                + " 2\",\"output\":\"3\"}\n"
                                                + "{\"instruction\":\"Say"
                                                + " \\u00e9.\",\"output\":\"\u00e9\"}\n"),
                        from -> InstructionFile.read(from.resolve("i.jsonl"))),
                new Kind(
                        "instructions, JSON",
                        ".json",
                        to ->
                                Files.writeString(
                                        to.resolve("i.json"),
                                        "[{\"instruction\": \"Add.\", \"output\": \"3\"},\n"
                                                + " {\"instruction\": \"Go.\", \"output\":"
                                                + " \"Gone.\"}]"),
                        from -> InstructionFile.read(from.resolve("i.json"))),
                new Kind(
                        "instructions, Parquet",
                        ".parquet",
                        to ->
                                Files.copy(
                                        GoldenFiles.path("cases/35-parquet")
                                                .resolve("dictionary_large_string.parquet"),
                                        to.resolve("i.parquet")),
                        from -> InstructionFile.usable(from.resolve("i.parquet"))),
                new Kind(
                        "adapter",
                        "",
                        ReadersMutationTest::saveAdapter,
                        from -> loadAdapter(from)));
    }

    private static Kind glue(GlueTask task) {
        return new Kind(
                task.title(),
                "",
                to -> copy(SAMPLES.resolve(task.manifestName()), to.resolve(task.manifestName())),
                from -> task.load(new DataRoot(from), HALF));
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (var file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    private static void saveAdapter(Path to) throws IOException {
        try (var manager = NDManager.newBaseManager();
                var model = new TinyMlp(manager, 2, 5, 8, 3, 1);
                var adapters = AdapterSet.inject(model, LoraConfig.ofRank(2), 1)) {
            PeftAdapter.save(to, adapters);
        }
    }

    private static void loadAdapter(Path from) throws IOException {
        try (var manager = NDManager.newBaseManager();
                var model = new TinyMlp(manager, 2, 5, 8, 3, 1)) {
            PeftAdapter.load(from, model).close();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    void everyMutantIsReadOrRefusedByItsFilesName(Kind kind) throws Exception {
        kind.files.write(folder);
        var sound = new TreeMap<Path, byte[]>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                if (file.toString().endsWith(kind.damaged) && !file.toString().endsWith(".guard")) {
                    sound.put(file, Files.readAllBytes(file));
                }
            }
        }
        kind.reader.read(folder);
        var mutants = new Mutants();
        var names = sound.keySet().stream().toList();
        var tally = new Mutants.Tally(kind.name, MOST_MEMORY);
        for (int i = 0; i < Mutants.COUNT; i++) {
            var file = names.get(i / 6 % names.size());
            Mutants.put(file, mutants.of(sound.get(file), i));
            int number = i;
            tally.look(() -> isRefused(kind, file, number));
            Mutants.put(file, sound.get(file));
        }
        tally.close(0.05);
    }

    private boolean isRefused(Kind kind, Path file, int number) throws IOException {
        try {
            kind.reader.read(folder);
            return false;
        } catch (IOException | IllegalArgumentException e) {
            var message = String.valueOf(e.getMessage());
            if (!message.contains(file.getFileName().toString())
                    || message.contains("com.fasterxml")
                    || message.contains("java.")) {
                keep(kind, file, number);
                fail("mutant " + number + " of " + file + ": " + message, e);
            }
            return true;
        } catch (Exception | Error e) {
            keep(kind, file, number);
            return fail("mutant " + number + " of " + file, e);
        }
    }

    /** For a look at it. */
    private static void keep(Kind kind, Path file, int number) throws IOException {
        var kept = Path.of("target", "mutants", kind.name.replace(' ', '-') + "-" + number);
        Files.createDirectories(kept.getParent());
        Files.write(kept, Files.readAllBytes(file));
    }
}
