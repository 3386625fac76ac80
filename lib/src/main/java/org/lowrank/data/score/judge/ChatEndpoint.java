package org.lowrank.data.score.judge;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.lowrank.config.Json;

/**
 * A model behind an address that speaks OpenAI's chat protocol: a public service, or a server of
 * one's own. Calls that may go well later are repeated (too many requests, a server's fault, no
 * answer in time), with growing waits or the one that the server names; others are refused at once.
 */
public final class ChatEndpoint {

    private static final Set<Integer> PASSING = Set.of(408, 409, 425, 429);
    private static final int LONGEST_REPLY = 1 << 22;

    private final URI address;
    private final String model;
    private final Optional<String> key;
    private final Patience patience;
    private final HttpClient client;

    /**
     * How long to try.
     *
     * @param attempts calls in all
     * @param timeout of one call
     * @param firstWait between the first two calls; it doubles after each
     * @param longestWait also where the server asks for more
     */
    public record Patience(
            int attempts, Duration timeout, Duration firstWait, Duration longestWait) {

        public static final Patience DEFAULT =
                new Patience(
                        6, Duration.ofMinutes(2), Duration.ofSeconds(2), Duration.ofMinutes(1));

        public Patience {
            if (attempts < 1) {
                throw new IllegalArgumentException("attempts must be 1 or more, not " + attempts);
            }
        }
    }

    /**
     * An endpoint.
     *
     * @param base for example {@code http://127.0.0.1:8000/v1}; {@code /chat/completions} follows
     * @param key sent as the bearer's token and shown nowhere; empty for a server without one
     * @throws IllegalArgumentException if the address is none
     */
    public ChatEndpoint(String base, String model, Optional<String> key, Patience patience) {
        var trimmed = base.strip().replaceAll("/+$", "");
        var path = "/chat/completions";
        address = URI.create(trimmed.endsWith(path) ? trimmed : trimmed + path);
        if (address.getHost() == null
                || address.getUserInfo() != null
                || !Set.of("http", "https").contains(address.getScheme())) {
            throw new IllegalArgumentException(
                    "'"
                            + base
                            + "' is no address of a judge, such as https://HOST/v1 (a key is given apart)");
        }
        this.model = model;
        this.key = key;
        this.patience = patience;
        client =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(patience.timeout)
                        .build();
    }

    public String model() {
        return model;
    }

    /**
     * What the model answers, at temperature 0.
     *
     * @throws JudgeException if it gives no answer; the message says what came back
     */
    public String reply(String system, String user) throws IOException, InterruptedException {
        var request = request(system, user);
        var wait = patience.firstWait;
        for (var attempt = 1; ; attempt++) {
            Failure failure;
            try {
                var response = client.send(request, BodyHandlers.ofString());
                var content = content(response);
                if (content.isPresent()) {
                    return content.get();
                }
                failure = failure(response);
            } catch (IOException e) {
                var what = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
                failure = new Failure("no answer: " + what, true, Optional.empty(), e);
            }
            if (!failure.passing || attempt == patience.attempts) {
                throw new JudgeException(
                        "the judge at %s, model %s, call %d of %d: %s"
                                .formatted(
                                        address, model, attempt, patience.attempts, failure.what),
                        failure.cause);
            }
            var next = failure.asked.orElse(wait);
            Thread.sleep(min(next, patience.longestWait).toMillis());
            wait = min(wait.multipliedBy(2), patience.longestWait);
        }
    }

    /** Why a call gave no answer, and whether another may. */
    private record Failure(
            String what, boolean passing, Optional<Duration> asked, Exception cause) {}

    private HttpRequest request(String system, String user) {
        var body =
                Map.of(
                        "model", model,
                        "messages",
                                List.of(
                                        Map.of("role", "system", "content", system),
                                        Map.of("role", "user", "content", user)),
                        "temperature", 0,
                        "max_tokens", 2048,
                        "n", 1);
        var request =
                HttpRequest.newBuilder(address)
                        .timeout(patience.timeout)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(Json.line(body)));
        key.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
        return request.build();
    }

    private static Optional<String> content(HttpResponse<String> response) {
        if (response.statusCode() != 200 || response.body().length() > LONGEST_REPLY) {
            return Optional.empty();
        }
        try {
            var tree = Json.mapper().readTree(response.body());
            var content = tree.path("choices").path(0).path("message").path("content");
            return Optional.of(content.asText("")).filter(text -> !text.isBlank());
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    private Failure failure(HttpResponse<String> response) {
        var status = response.statusCode();
        var start = response.body().strip();
        start = start.length() > 300 ? start.substring(0, 300) + " ..." : start;
        var shown = key.isPresent() ? start.replace(key.get(), "(key)") : start;
        if (status == 200) {
            return new Failure(
                    "a reply without choices[0].message.content: " + shown,
                    true,
                    Optional.empty(),
                    null);
        }
        var advice = status == 401 || status == 403 ? " (is the key right?)" : "";
        return new Failure(
                "status " + status + advice + ": " + shown,
                PASSING.contains(status) || status >= 500,
                asked(response),
                null);
    }

    /** The wait in seconds that the server asks for; dates are not read. */
    private static Optional<Duration> asked(HttpResponse<String> response) {
        return response.headers()
                .firstValue("Retry-After")
                .filter(value -> value.matches("[0-9]{1,6}(\\.[0-9]+)?"))
                .map(value -> Duration.ofMillis((long) (Double.parseDouble(value) * 1000)));
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
