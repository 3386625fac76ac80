package org.lowrank.spark;

import java.io.IOException;
import java.util.Optional;
import org.lowrank.config.JsonDocument;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.record.RunRecord;

/**
 * What tasks leave in the shared folder, as the driver takes it.
 *
 * @param folder the driver's own
 * @param local true if that is the shared one
 */
record Returned(RunFolder folder, SharedRuns shared, boolean local) {

    /**
     * Takes the record of a run that is in the shared folder, and not here.
     *
     * @return whether the run is over for good
     */
    boolean pull(String hash) throws IOException {
        var place = hash + "/" + RunTask.RECORD;
        var text = shared.text(place);
        if (text.isPresent()) {
            var record = JsonDocument.of(shared.root() + "/" + place, text.get());
            folder.save(record.as(RunRecord.class));
        }
        return folder.record(hash).filter(r -> r.status().isResult()).isPresent();
    }

    /**
     * Takes the record of a run, and removes those of copies that came second and agree with it.
     *
     * @return what is to be told: the run failed, or two copies do not agree
     */
    Optional<String> settle(String hash) throws IOException {
        if (!local) {
            pull(hash);
        }
        var record = folder.record(hash);
        for (var name : shared.list(hash)) {
            if (name.startsWith(RunTask.SECOND) && !agrees(hash + "/" + name, record)) {
                return Optional.of(
                        "two tasks did this run and do not agree: record.json and "
                                + name
                                + " in "
                                + shared.root()
                                + "/"
                                + hash
                                + " differ; the first stands in the table. Machines of two kinds"
                                + " round differently");
            }
        }
        return record.filter(r -> r.status() == RunRecord.Status.failed)
                .map(r -> String.valueOf(r.runInfo().errorMsg()));
    }

    private boolean agrees(String place, Optional<RunRecord> first) throws IOException {
        var second = JsonDocument.of(place, shared.text(place).orElse("")).as(RunRecord.class);
        boolean same =
                first.filter(r -> r.reproducible().equals(second.reproducible())).isPresent();
        if (same) {
            shared.delete(place);
        }
        return same;
    }
}
