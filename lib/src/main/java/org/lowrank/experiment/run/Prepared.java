package org.lowrank.experiment.run;

import java.util.Map;
import org.lowrank.experiment.record.RunRecord;
import org.lowrank.train.Objective;
import org.lowrank.train.Trained;

/** Model and data of one run, ready to be trained. */
public interface Prepared extends AutoCloseable {

    /** The splits that a score can be had of. */
    enum Split {
        validation,
        test
    }

    /** What moves, and by what; in its first state. */
    Trained trained();

    /** What is minimised. */
    Objective objective();

    /** The score of the model as it stands. */
    RunRecord.SplitScore score(Split split);

    /** All values of the model, trained or not. */
    long totalParameters();

    /** For the record: names, checksums, rows and classes of the data. */
    Map<String, Object> data();

    /** For the record: name and checksum of the weights. */
    Map<String, Object> model();

    @Override
    void close();
}
