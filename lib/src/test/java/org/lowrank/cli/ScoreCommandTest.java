package org.lowrank.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.lowrank.config.Json;
import org.lowrank.data.score.judge.Judgment;
import org.lowrank.data.score.program.HumanEval;
import org.lowrank.golden.GoldenFiles;
import org.lowrank.model.LetterModel;

/** Published tests through their command, with a model that knows nothing. */
@Isolated
class ScoreCommandTest {

    @TempDir private Path root;

    private record Outcome(int code, String out, String err) {}

    @BeforeEach
    void model() throws IOException {
        GoldenFiles.path("data/gsm8k/test.jsonl"); // skips where the sets are not at hand
        System.setProperty("lowrank.data", GoldenFiles.path("data").toString());
        LetterModel.write(root.resolve("model"), 3);
    }

    @AfterEach
    void forget() {
        System.clearProperty("lowrank.data");
    }

    private Outcome score(String test, String... more) {
        var arguments = new ArrayList<>(List.of("score", test, "--rows", "3"));
        arguments.addAll(List.of("--model", root.resolve("model").toString()));
        arguments.addAll(List.of("--out", root.resolve(test).toString(), "--new-tokens", "6"));
        arguments.addAll(List.of(more));
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var before = List.of(System.out, System.err);
        try {
            System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
            int code = Lowrank.execute(arguments.toArray(String[]::new));
            return new Outcome(
                    code,
                    out.toString(StandardCharsets.UTF_8),
                    err.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(before.get(0));
            System.setErr(before.get(1));
        }
    }

    @Test
    void wordProblemsAreAskedAsTheirPapersDoAndGoOnAfterAKill() throws IOException {
        var gsm8k = score("gsm8k", "--shots", "0", "--prompt", "question");
        assertEquals(0, gsm8k.code, gsm8k.err);
        for (var row :
                List.of("answer_nll", "perplexity", "strict_match", "flexible_extract", "number")) {
            assertTrue(gsm8k.out.contains("| " + row + " |"), gsm8k.out);
        }
        var answers = root.resolve("gsm8k/answers.jsonl");
        var whole = Files.readString(answers);
        assertEquals(3, whole.lines().count());
        Files.writeString(answers, whole.substring(0, whole.length() - 3)); // cut by a kill
        var again = score("gsm8k", "--shots", "0", "--prompt", "question");
        assertEquals(gsm8k.out, again.out);
        assertEquals(whole, Files.readString(answers));
        var other = score("gsm8k", "--shots", "0", "--prompt", "alpaca");
        assertEquals(1, other.code);
        assertTrue(other.err.contains("holds answers to something else"), other.err);

        var svamp = score("svamp");
        assertEquals(0, svamp.code, svamp.err);
        assertTrue(svamp.out.contains("| expression | 0.000 | 0.000 |"), svamp.out);
        assertTrue(score("mawps", "--shots", "5").err.contains("--shots 0"));
    }

    @Test
    void programsAreRunOnlyWhereAPersonSaidSo() throws IOException {
        var refused = score("humaneval");
        assertEquals(1, refused.code);
        assertTrue(refused.err.contains("--run-generated-code"), refused.err);
        assertFalse(Files.exists(root.resolve("humaneval")));
        var same = score("humaneval", "--run-generated-code", "--samples", "2");
        assertTrue(same.err.contains("are all the same without a --temperature"), same.err);
        var run =
                score("humaneval", "--run-generated-code", "--samples", "2", "--temperature", "1");
        assertEquals(0, run.code, run.err);
        assertTrue(run.out.contains("| pass@1 | 0.000 |"), run.out);
        assertFalse(run.out.contains("pass@10"), "no value with 2 samples");
        assertTrue(run.out.contains("network: "), run.out);
        var written = HumanEval.samples(root.resolve("humaneval/samples.jsonl"));
        assertEquals(
                List.of("HumanEval/0", "HumanEval/0", "HumanEval/1"),
                written.subList(0, 3).stream().map(HumanEval.Sample::taskId).toList());
    }

    @Test
    void aJudgeBehindAnAddressGradesTheAnswers() throws IOException {
        var asked = new ArrayList<String>();
        var server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/v1/chat/completions",
                exchange -> {
                    var body = exchange.getRequestBody().readAllBytes();
                    asked.add(Json.mapper().readTree(body).path("model").asText());
                    var message = Map.of("message", Map.of("content", "Poor. [[2]]"));
                    var reply = Json.line(Map.of("choices", List.of(message)));
                    exchange.sendResponseHeaders(200, reply.length());
                    exchange.getResponseBody().write(reply.getBytes(StandardCharsets.UTF_8));
                    exchange.close();
                });
        server.start();
        try {
            var address = "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
            var judged = score("mt-bench", "--judge", address, "--judge-model", "strict/judge");
            assertEquals(0, judged.code, judged.err);
            assertTrue(judged.out.contains("| mt_bench_first_turn | 2.000 |"), judged.out);
            assertEquals(judged.out, again(address).out);
            assertEquals(List.of("strict/judge", "strict/judge", "strict/judge"), asked);
        } finally {
            server.stop(0);
        }
        var file = root.resolve("mt-bench/model_judgment/strict_judge_single.jsonl");
        assertEquals(2.0, Judgment.score(Judgment.read(file), "model", 1).mean());
        assertTrue(Files.exists(root.resolve("mt-bench/model_answer/model.jsonl")));
        assertEquals(Optional.empty(), Optional.ofNullable(System.getenv("LOWRANK_JUDGE_KEY")));
    }

    private Outcome again(String address) {
        return score("mt-bench", "--judge", address, "--judge-model", "strict/judge");
    }

    @Test
    void aTestThatThereIsNotIsRefusedWithThoseThatThereAre() {
        var outcome = score("mmlu");
        assertEquals(1, outcome.code);
        assertTrue(outcome.err.contains("singleeq, svamp], humaneval and mt-bench"), outcome.err);
    }
}
