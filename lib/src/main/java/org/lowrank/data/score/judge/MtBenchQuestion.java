package org.lowrank.data.score.judge;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lowrank.data.score.SetFile;

/**
 * A question of MT-bench.
 *
 * @param id 81 to 160
 * @param category one of eight, for example {@code writing}
 * @param turns what the user says; the papers use the first
 */
public record MtBenchQuestion(int id, String category, List<String> turns) {

    private static final Set<String> WITH_REFERENCE = Set.of("math", "reasoning", "coding");
    private static final Map<String, Double> TEMPERATURES =
            Map.of("writing", 0.7, "roleplay", 0.7, "stem", 0.1, "humanities", 0.1);

    /** Reads {@code question.jsonl}. */
    public static List<MtBenchQuestion> read(Path file) throws IOException {
        return SetFile.read(
                file,
                record -> {
                    var turns = SetFile.texts(record, "turns");
                    if (turns.isEmpty()) {
                        throw new IllegalArgumentException("turns must not be empty");
                    }
                    return new MtBenchQuestion(
                            SetFile.whole(record, "question_id"),
                            SetFile.text(record, "category"),
                            turns);
                });
    }

    /** True if the judge is shown a reference answer. */
    public boolean needsReference() {
        return WITH_REFERENCE.contains(category);
    }

    /** At which temperature FastChat has the answer written; 0 is greedy. */
    public double temperature() {
        return TEMPERATURES.getOrDefault(category, 0.0);
    }
}
