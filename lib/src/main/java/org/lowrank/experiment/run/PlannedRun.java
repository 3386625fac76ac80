package org.lowrank.experiment.run;

import java.util.Optional;
import org.lowrank.experiment.record.RunRecord;
import org.lowrank.experiment.spec.Cell;
import org.lowrank.experiment.spec.Rates;
import org.lowrank.experiment.spec.RunConfig;

/**
 * One run of a plan.
 *
 * @param cell where in the table it belongs
 * @param record what it left so far, if anything
 */
public record PlannedRun(Cell cell, RunConfig config, String hash, Optional<RunRecord> record) {

    /** For people: method, task, rate, seed. */
    public String label() {
        return String.format(
                "%s, %s, rate %s, seed %d",
                cell.row(),
                cell.task().label(),
                Rates.text(config.training().learningRate()),
                config.seed());
    }

    /** True if it is over for good. */
    public boolean isDone() {
        return record.filter(r -> r.status().isResult()).isPresent();
    }
}
