package org.lowrank.experiment.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.lowrank.config.Json;
import org.lowrank.config.JsonDocument;
import org.lowrank.config.JsonFormatException;
import org.lowrank.engine.AtomicFile;
import org.lowrank.engine.Devices;
import org.lowrank.experiment.record.Versions;
import org.lowrank.experiment.spec.RunConfig;
import org.lowrank.task.Part;

/**
 * What the trivial baseline scores, measured once for all runs of a folder that begin alike. Where
 * the baseline is a model as it came, to have it judged takes as long as to have the trained one
 * judged; and of the runs of a table with one seed it is the same to the bit.
 *
 * <p>A measurement is taken over only if everything that can decide it is equal: the model's
 * values, the task, the seed, the build of this library and of its engine, machine and threads.
 * What took less than {@link #WORTH} is not kept.
 */
final class TrivialScores {

    /** In a folder of runs; no run has this name. */
    static final String FOLDER = "trivial";

    private static final Duration WORTH = Duration.ofSeconds(1);
    private static final int NAME = 16;

    private final Path folder;
    private final Map<String, Object> begin;
    private final Duration worth;

    /**
     * Of one run.
     *
     * @param folder of the runs
     * @param baseSha256 of the model's values before anything is trained
     */
    TrivialScores(Path folder, RunConfig config, String baseSha256) {
        this(folder, begin(config, baseSha256), isBuilt() ? WORTH : Duration.ofDays(1));
    }

    TrivialScores(Path folder, Map<String, Object> begin, Duration worth) {
        this.folder = folder.resolve(FOLDER);
        this.begin = Map.copyOf(begin);
        this.worth = worth;
    }

    /** Classes that are not packed have no checksum: nobody knows what they compute tomorrow. */
    private static boolean isBuilt() {
        return Versions.all().get("lowrank").startsWith("jar ");
    }

    private static Map<String, Object> begin(RunConfig config, String baseSha256) {
        return Map.of(
                "model", config.model(),
                "values_sha256", baseSha256,
                "precision", config.precision().name(),
                "task", config.task(),
                "batch_size", config.training().batchSize(),
                "seed", config.seed(),
                "packages", Versions.all(),
                "system", Devices.describe());
    }

    /** The scores on a part: those of a run that began alike, or measured now. */
    Map<String, Double> of(Part part, Supplier<Map<String, Double>> measured) throws IOException {
        var key = new LinkedHashMap<>(begin);
        key.put("part", part.name());
        var hash = Json.hash(Json.mapper().valueToTree(key));
        var file = folder.resolve(hash.substring(0, NAME) + ".json");
        var known = known(file, hash);
        if (known != null) {
            return known;
        }
        long from = System.nanoTime();
        var scores = measured.get();
        if (System.nanoTime() - from >= worth.toNanos()) {
            var text = Json.pretty(new Kept(hash, key, scores));
            AtomicFile.write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
        }
        return scores;
    }

    /** Null if there is none, or a file that is not whole: it is measured and written anew. */
    private static Map<String, Double> known(Path file, String hash) throws IOException {
        if (!Files.isRegularFile(file)) {
            return null;
        }
        try {
            var kept = JsonDocument.read(file).as(Kept.class);
            return hash.equals(kept.sha256()) && kept.scores() != null ? kept.scores() : null;
        } catch (JsonFormatException e) {
            return null;
        }
    }

    /**
     * A file.
     *
     * @param sha256 of {@code of}, as it is computed
     * @param of all that decides the scores
     */
    record Kept(String sha256, Map<String, Object> of, Map<String, Double> scores) {}
}
