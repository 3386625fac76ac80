package org.lowrank.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.lowrank.config.Json;
import org.lowrank.task.TinyLlama;

/**
 * A model that is taught sums by the command {@code tune}, in a folder of its own. It reads and
 * writes the streams of the process.
 */
record SumTuning(Path root) {

    record Outcome(int code, String out, String err) {}

    /** A tiny model, {@code train.jsonl} and {@code test.jsonl} in a folder. */
    static SumTuning in(Path root) throws IOException {
        TinyLlama.write(root.resolve("model"));
        Files.writeString(root.resolve("train.jsonl"), sums(0, 60));
        Files.writeString(root.resolve("test.jsonl"), sums(60, 64));
        return new SumTuning(root);
    }

    static String sums(int from, int to) {
        var lines = new StringBuilder();
        for (int i = from; i < to; i++) {
            var question = i % 8 + "+" + i / 8 + "=";
            var record = Map.of("prompt", question, "completion", "" + (i % 8 + i / 8));
            lines.append(Json.line(record)).append('\n');
        }
        return lines.toString();
    }

    static Outcome execute(List<String> arguments, String typed) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var before = List.of(System.out, System.err);
        var in = System.in;
        try {
            System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
            System.setIn(new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8)));
            int code = Lowrank.execute(arguments.toArray(String[]::new));
            return new Outcome(
                    code,
                    out.toString(StandardCharsets.UTF_8),
                    err.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(before.get(0));
            System.setErr(before.get(1));
            System.setIn(in);
        }
    }

    Outcome tune(String... more) {
        var arguments = new ArrayList<>(List.of("tune", "--model", file("model")));
        arguments.addAll(List.of("--data", file("train.jsonl"), "--out", file("out")));
        arguments.addAll(List.of("--max-length", "32", "--new-tokens", "3"));
        arguments.addAll(List.of(more));
        if (!arguments.contains("--steps")) {
            arguments.addAll(List.of("--steps", "4"));
        }
        return execute(arguments, "");
    }

    String file(String name) {
        return root.resolve(name).toString();
    }
}
