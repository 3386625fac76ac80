package org.lowrank.data.score.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lowrank.config.Json;
import org.lowrank.data.score.judge.ChatEndpoint.Patience;
import org.lowrank.golden.GoldenFiles;

/** A judge on the loopback address that answers as told. */
class JudgeTest {

    private static final String KEY = "sk-very-secret";
    private static final MtBenchQuestion WRITING =
            new MtBenchQuestion(81, "writing", List.of("Write {question} of \\1 $2.", "Again."));
    private static final MtBenchQuestion MATHS =
            new MtBenchQuestion(111, "math", List.of("2+2?", "Why?"));

    @TempDir Path folder;

    private final List<JsonNode> asked = Collections.synchronizedList(new ArrayList<>());
    private final Deque<Answer> script = new ArrayDeque<>();
    private HttpServer server;

    /** What the server does next; the last is repeated. */
    private interface Answer {
        void to(HttpExchange call) throws IOException;
    }

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/v1/chat/completions", this::handle);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        ((ExecutorService) server.getExecutor()).shutdownNow();
    }

    private void handle(HttpExchange call) throws IOException {
        asked.add(Json.mapper().readTree(call.getRequestBody().readAllBytes()));
        var next = script.size() > 1 ? script.poll() : script.peek();
        next.to(call);
        call.close();
    }

    private static Answer says(String words) {
        var message = Json.mapper().createObjectNode();
        message.putArray("choices").addObject().putObject("message").put("content", words);
        return status(200, message.toString());
    }

    private static Answer status(int code, String body) {
        return call -> {
            var bytes = body.getBytes(StandardCharsets.UTF_8);
            call.sendResponseHeaders(code, bytes.length);
            call.getResponseBody().write(bytes);
        };
    }

    private ChatEndpoint endpoint(int attempts) {
        return endpoint(attempts, Duration.ofSeconds(30));
    }

    private ChatEndpoint endpoint(int attempts, Duration timeout) {
        var patience =
                new Patience(attempts, timeout, Duration.ofMillis(5), Duration.ofMillis(900));
        return endpoint(patience);
    }

    private ChatEndpoint endpoint(Patience patience) {
        var base = "http://127.0.0.1:" + server.getAddress().getPort() + "/v1/";
        return new ChatEndpoint(base, "judge-1", Optional.of(KEY), patience);
    }

    private Judge judge(int attempts) {
        return new Judge(endpoint(attempts), JudgePrompt.OWN, JudgePrompt.OWN_WITH_REFERENCE);
    }

    private static MtBenchAnswer answer(int question, String text) {
        return new MtBenchAnswer(question, "m", List.of(text, "second"), 1.5);
    }

    @Test
    void judgesTheFirstTurnAndGoesOnWhereItWas() throws Exception {
        script.add(says("Good. [[8]]"));
        script.add(says("no grade at all"));
        script.add(says("[[9.5]]"));
        var file = folder.resolve("model_judgment/judge-1_single.jsonl");
        var questions = List.of(WRITING, MATHS);
        var answers = List.of(answer(81, "It {answer}s."), answer(111, "4"));
        var references = List.of(answer(111, "It is 4."));

        var first = judge(1).judge(questions, answers, references, file);
        assertEquals(List.of(8.0, -1.0), first.stream().map(Judgment::score).toList());
        var shown = asked.get(0).get("messages").get(1).get("content").asText();
        assertTrue(shown.contains("Write {question} of \\1 $2."), shown);
        assertTrue(shown.contains("It {answer}s.") && !shown.contains("second"), shown);
        assertTrue(asked.get(1).toString().contains("It is 4."));
        assertEquals(0, asked.get(0).get("temperature").asInt());
        assertEquals("judge-1", asked.get(0).get("model").asText());

        assertEquals(first, judge(1).judge(questions, answers, references, file));
        assertEquals(2, asked.size());
        assertEquals(new Judgment.Score(8, 1, 1), Judgment.score(first, "m", 1));

        var text = Files.readString(file);
        Files.writeString(file, text.substring(0, text.length() - 40)); // killed while writing
        var again = judge(1).judge(questions, answers, references, file);
        assertEquals(List.of(8.0, 9.5), again.stream().map(Judgment::score).toList());
        assertEquals(again, Judgment.read(file));
        Files.writeString(file, Files.readString(file).stripTrailing());
        assertEquals(again, judge(1).judge(questions, answers, references, file));
        assertEquals(3, asked.size());
    }

    @Test
    void whatMayPassIsTriedAgain() throws Exception {
        script.add(status(429, "slow down"));
        script.add(status(503, "busy"));
        script.add(status(200, "<html>proxy</html>"));
        script.add(status(200, "{\"choices\": []}"));
        script.add(call -> untilTheEnd()); // only the timeout gets past it
        script.add(HttpExchange::close); // no answer at all
        script.add(says("[[3]]"));
        assertEquals("[[3]]", endpoint(60, Duration.ofMillis(500)).reply("s", "u"));
        assertTrue(asked.size() >= 7);
    }

    @ParameterizedTest
    @Timeout(60)
    @CsvSource({"0, P1D", "86400, PT0.001S"})
    void theServersWaitIsKeptUpToTheLongest(String retryAfter, Duration longest) throws Exception {
        script.add(
                call -> {
                    call.getResponseHeaders().add("Retry-After", retryAfter);
                    status(429, "slow down").to(call);
                });
        script.add(says("[[3]]"));
        var patience = new Patience(2, Duration.ofSeconds(30), Duration.ofDays(1), longest);
        assertEquals("[[3]]", endpoint(patience).reply("s", "u"));
    }

    @Test
    void whatWillNotPassIsRefusedAtOnceWithoutTheKey() throws IOException {
        script.add(status(401, "{\"error\": {\"message\": \"wrong key " + KEY + "\"}}"));
        var refusal = assertThrows(JudgeException.class, () -> endpoint(5).reply("s", "u"));
        assertEquals(1, asked.size());
        assertTrue(refusal.getMessage().contains("status 401 (is the key right?)"));
        assertTrue(refusal.getMessage().contains("/v1/chat/completions, model judge-1"));
        assertFalse(refusal.getMessage().contains(KEY), refusal.getMessage());
    }

    @Test
    void givesUpInWords() throws Exception {
        script.add(status(500, "x".repeat(5000)));
        var refusal = assertThrows(JudgeException.class, () -> endpoint(3).reply("s", "u"));
        assertEquals(3, asked.size());
        assertTrue(refusal.getMessage().contains("call 3 of 3: status 500"));
        assertTrue(refusal.getMessage().length() < 600);

        int port;
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        var patience =
                new Patience(2, Duration.ofSeconds(1), Duration.ofMillis(1), Duration.ofMillis(1));
        var nobody = new ChatEndpoint("http://127.0.0.1:" + port, "m", Optional.empty(), patience);
        refusal = assertThrows(JudgeException.class, () -> nobody.reply("s", "u"));
        assertTrue(refusal.getMessage().contains("no answer: "), refusal.getMessage());
        assertThrows(
                IllegalArgumentException.class,
                () -> new ChatEndpoint("gpt-4", "m", Optional.empty(), patience));
    }

    @Test
    void whatCannotBeJudgedIsNamed() {
        var file = folder.resolve("j.jsonl");
        var refusal =
                assertThrows(
                        IllegalArgumentException.class,
                        () ->
                                judge(1).judge(
                                                List.of(MATHS),
                                                List.of(answer(111, "4")),
                                                List.of(),
                                                file));
        assertTrue(refusal.getMessage().contains("question 111 (math)"));
        refusal =
                assertThrows(
                        IllegalArgumentException.class,
                        () ->
                                judge(1).judge(
                                                List.of(MATHS),
                                                List.of(answer(7, "4")),
                                                List.of(),
                                                file));
        assertTrue(refusal.getMessage().contains("question 7"));
        assertEquals(List.of(), asked);
    }

    @ParameterizedTest
    @CsvSource({
        "'Rating: [[7]]', 7",
        "'[[6.5]] or [[2]]', 6.5",
        "'[5]', 5",
        "'[1] is cited; Rating: [[9]]', 9",
        "'[[10]]', 10",
        "'[[11]]', -1",
        "'[[0]]', -1",
        "'[[seven]]', -1",
        "'8/10', -1",
        "'', -1"
    })
    void ratings(String words, double rating) {
        assertEquals(rating, Judgment.rating(words));
    }

    @Test
    void theFilesOfFastChatAreReadAndWritten() throws Exception {
        var questions = MtBenchQuestion.read(GoldenFiles.path("data/mtbench/question.jsonl"));
        assertEquals(80, questions.size());
        var references =
                MtBenchAnswer.read(GoldenFiles.path("data/mtbench/reference_answer_gpt-4.jsonl"));
        var withReference = references.stream().map(MtBenchAnswer::questionId).toList();
        for (var question : questions) {
            assertEquals(2, question.turns().size());
            assertTrue(!question.needsReference() || withReference.contains(question.id()));
        }
        var file = folder.resolve("answers.jsonl");
        MtBenchAnswer.write(file, references);
        assertEquals(references, MtBenchAnswer.read(file));
        var line = Json.mapper().readTree(Files.readAllLines(file).get(0));
        assertEquals(0, line.get("choices").get(0).get("index").asInt());
        assertEquals("gpt-4", line.get("model_id").asText());
        assertTrue(line.hasNonNull("answer_id") && line.get("tstamp").isNumber());
    }

    @Test
    void judgePromptsOfFastChatAreReadByName() throws Exception {
        var file = folder.resolve("judge_prompts.jsonl");
        Files.writeString(
                file,
                "{\"name\": \"single-v1\", \"type\": \"single\", \"system_prompt\": \"s\","
                        + " \"prompt_template\": \"Q {question} {{x}} A {answer}\"}\n");
        var prompt = JudgePrompt.read(file, "single-v1");
        assertEquals(
                "Q q {x} A {question}",
                prompt.filled(Map.of("question", "q", "answer", "{question}")));
        var refusal =
                assertThrows(
                        IllegalArgumentException.class, () -> JudgePrompt.read(file, "pair-v2"));
        assertTrue(refusal.getMessage().contains("single-v1"));
    }

    private static void untilTheEnd() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
