package org.lowrank.experiment;

import java.io.IOException;
import java.util.Locale;

/** A folder of runs as text. */
public final class FolderPrinter {

    private FolderPrinter() {}

    /** One line a run. */
    public static String print(RunFolder folder) throws IOException {
        var text = new StringBuilder(folder.root() + "\n\n");
        for (var hash : folder.hashes()) {
            var config = folder.config(hash);
            text.append(
                    String.format(
                                    Locale.ROOT,
                                    "%s  %-30s  %-16s  %-10s  %-8s  %-9s  seed %-3d  %s",
                                    hash,
                                    state(folder, hash),
                                    config.task().name(),
                                    config.adapter().layer(),
                                    config.optimizer().name(),
                                    config.training().learningRate(),
                                    config.seed(),
                                    folder.record(hash).map(r -> r.runInfo().errorMsg()).orElse(""))
                            .stripTrailing());
            text.append('\n');
        }
        return text.append(folder.hashes().size()).append(" runs\n").toString();
    }

    private static String state(RunFolder folder, String hash) throws IOException {
        var owner = folder.owner(hash);
        if (owner.isPresent()) {
            return "running (process " + owner.get().pid() + ")";
        }
        return folder.record(hash).map(record -> record.status().name()).orElse("missing");
    }
}
