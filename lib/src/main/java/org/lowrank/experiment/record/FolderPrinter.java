package org.lowrank.experiment.record;

import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.lowrank.engine.FileFault;
import org.lowrank.experiment.spec.Rates;
import org.lowrank.experiment.spec.RunConfig;

/** A folder of runs as text. */
public final class FolderPrinter {

    private FolderPrinter() {}

    /** One line a run. */
    public static String print(RunFolder folder) throws IOException {
        var text = new StringBuilder(folder.root() + "\n\n");
        for (var hash : folder.hashes()) {
            text.append(line(folder, hash).stripTrailing());
            text.append('\n');
        }
        var counts = folder.hashes().isEmpty() ? "" : ": " + counts(folder);
        return text.append(folder.hashes().size())
                .append(" runs")
                .append(counts)
                .append('\n')
                .toString();
    }

    private static String line(RunFolder folder, String hash) throws IOException {
        var start = String.format(Locale.ROOT, "%s  %-9s  ", hash, state(folder, hash));
        RunConfig config;
        try {
            config = folder.config(hash);
        } catch (IOException e) {
            // one bad folder must not hide the others
            return start + "no usable configuration: " + firstLine(FileFault.sentence(e));
        }
        return start
                + String.format(
                        Locale.ROOT,
                        "%-16s  %-10s  %-8s  %-9s  seed %-3d  %s",
                        config.task().name(),
                        config.adapter().layer(),
                        config.optimizer().name(),
                        Rates.text(config.training().learningRate()),
                        config.seed(),
                        remark(folder, hash));
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }

    private static String state(RunFolder folder, String hash) throws IOException {
        var owner = folder.owner(hash);
        return owner.isPresent() ? "running" : status(folder, hash).orElse("missing");
    }

    private static Optional<String> status(RunFolder folder, String hash) {
        if (folder.fault(hash).isPresent()) {
            return Optional.of("unreadable");
        }
        return folder.record(hash).map(record -> record.status().name());
    }

    /** Who works on it and how far it is, or the first line of what went wrong. */
    private static String remark(RunFolder folder, String hash) throws IOException {
        var owner = folder.owner(hash);
        if (owner.isPresent()) {
            var position = FileTail.Position.of(folder.metrics(hash));
            return String.format(
                    "%s, process %d%s",
                    position.totalSteps() == 0
                            ? "starting"
                            : "step " + position.step() + " of " + position.totalSteps(),
                    owner.get().pid(),
                    owner.get().isHere() ? "" : " on " + owner.get().machine());
        }
        return folder.record(hash)
                .map(record -> record.runInfo().errorMsg())
                .or(() -> folder.fault(hash))
                .map(FolderPrinter::firstLine)
                .orElse("");
    }

    /** For example {@code 3 finished, 1 running}. */
    private static String counts(RunFolder folder) throws IOException {
        var counts = new TreeMap<String, Integer>();
        for (var hash : folder.hashes()) {
            counts.merge(state(folder, hash), 1, Integer::sum);
        }
        return counts.entrySet().stream()
                .map(count -> count.getValue() + " " + count.getKey())
                .collect(Collectors.joining(", "));
    }
}
