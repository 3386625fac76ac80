package org.lowrank.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.lowrank.config.Json;

/**
 * A script of {@code environment/peers} in a Python that has the libraries we are compared with:
 * told a line of JSON, it answers with one.
 */
public final class PythonPeer implements AutoCloseable {

    /** The variable that names that Python. */
    public static final String VARIABLE = "LOWRANK_PEER_PYTHON";

    /** The variable that names the folder of the scripts; beside this module if it is not set. */
    private static final String SCRIPTS = "LOWRANK_PEERS";

    private final Process process;
    private final BufferedReader out;

    private PythonPeer(Process process) {
        this.process = process;
        out =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** That Python, if it is named and there. */
    public static Optional<Path> python() {
        return Optional.ofNullable(System.getenv(VARIABLE))
                .filter(named -> !named.isBlank())
                .map(Path::of)
                .filter(Files::isExecutable);
    }

    /**
     * Starts a script.
     *
     * @throws IOException if there is no such Python; the message says how to get one
     */
    public static PythonPeer start(String script, int threads, String... arguments)
            throws IOException {
        var python =
                python().orElseThrow(
                                () ->
                                        new IOException(
                                                VARIABLE
                                                        + " names no Python; make one with"
                                                        + " environment/peers/requirements.txt and"
                                                        + " name it: "
                                                        + VARIABLE
                                                        + "=VENV/bin/python"));
        var folder =
                Path.of(Optional.ofNullable(System.getenv(SCRIPTS)).orElse("../environment/peers"));
        var command =
                new ArrayList<>(List.of(python.toString(), folder.resolve(script).toString()));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("OMP_NUM_THREADS", Integer.toString(threads));
        builder.environment().put("HF_HUB_OFFLINE", "1");
        builder.environment().put("TOKENIZERS_PARALLELISM", "false");
        return new PythonPeer(builder.start());
    }

    /** What it says next. */
    public JsonNode answer() throws IOException {
        for (var line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith("{")) {
                return Json.mapper().readTree(line);
            }
        }
        throw new IOException("the peer has ended without an answer; what it said stands above");
    }

    /** Asks, and waits for the answer. */
    public JsonNode ask(Map<String, ?> question) throws IOException {
        var in = process.getOutputStream();
        in.write((Json.line(question) + "\n").getBytes(StandardCharsets.UTF_8));
        in.flush();
        return answer();
    }

    /** Waits for its end; whether it ended well. */
    public boolean ends() throws IOException, InterruptedException {
        process.getOutputStream().close();
        out.lines().forEach(line -> {});
        return process.waitFor() == 0;
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException | InterruptedException e) {
            process.destroyForcibly();
        }
    }
}
