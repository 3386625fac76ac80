package org.lowrank.task.written;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.lowrank.config.Json;
import org.lowrank.data.score.SetFile;
import org.lowrank.model.generate.Generation;
import org.lowrank.model.generate.Generator;

/**
 * Answers in a file, one a line, in the order of the questions: what is there is not asked anew.
 */
public final class AnswerLog {

    /** Written together, and lost together when a process is killed. */
    private static final int BATCH = 16;

    private final Path file;
    private final IntConsumer done;

    /**
     * @param file of the answers; null to keep them in memory alone
     * @param done is told how many answers there are
     */
    public AnswerLog(Path file, IntConsumer done) {
        this.file = file;
        this.done = done;
    }

    /** Writes answers. */
    @FunctionalInterface
    interface Writer {
        /**
         * @param prompts some of them
         * @param first which of all the first of these is
         */
        List<String> write(List<int[]> prompts, int first);
    }

    /** What a model writes to some prompts. */
    List<String> texts(Generator generator, List<int[]> prompts, Generation how)
            throws IOException {
        return texts((some, first) -> generator.write(some, how).strings(), prompts);
    }

    /**
     * What a writer writes to some prompts, a few of them at a time.
     *
     * @throws IOException if the file holds more answers than there are prompts
     */
    List<String> texts(Writer writer, List<int[]> prompts) throws IOException {
        var texts = new ArrayList<>(known());
        if (texts.size() > prompts.size()) {
            throw new IOException(
                    "%s holds %d answers, there are %d questions: it is of another test"
                            .formatted(file, texts.size(), prompts.size()));
        }
        while (texts.size() < prompts.size()) {
            done.accept(texts.size());
            int to = Math.min(texts.size() + BATCH, prompts.size());
            var some = writer.write(prompts.subList(texts.size(), to), texts.size());
            if (Thread.currentThread().isInterrupted()) { // the last texts are cut
                throw new IOException("stopped after " + texts.size() + " of " + prompts.size());
            }
            append(some);
            texts.addAll(some);
        }
        done.accept(texts.size());
        return texts;
    }

    private List<String> known() throws IOException {
        if (file == null || !Files.exists(file)) {
            return List.of();
        }
        var text = Files.readString(file);
        int whole = text.lastIndexOf('\n') + 1;
        if (whole < text.length()) { // cut by a kill
            Files.writeString(file, text.substring(0, whole));
        }
        return SetFile.read(file, record -> SetFile.text(record, "text"));
    }

    private void append(List<String> texts) throws IOException {
        if (file == null) {
            return;
        }
        var lines = new StringBuilder();
        for (var text : texts) {
            var line = Json.mapper().createObjectNode().put("text", text);
            lines.append(Json.line(line)).append('\n');
        }
        Files.writeString(file, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
