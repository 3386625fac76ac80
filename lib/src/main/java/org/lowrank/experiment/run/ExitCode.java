package org.lowrank.experiment.run;

import java.util.Optional;
import org.lowrank.experiment.record.RunRecord;

/** What a worker process ends with. */
public final class ExitCode {

    /** The run has its result. */
    public static final int OK = 0;

    /** The run ended in an error that its record tells. */
    public static final int FAILED_WITH_RECORD = 4;

    /** Another process works on the run. */
    public static final int BUSY = 3;

    /** Stopped from outside, with a checkpoint. */
    public static final int CANCELLED = 130;

    /** What Java ends with after SIGTERM, whatever it was about to say. */
    public static final int TERMINATED = 143;

    /** What a shell or Java reports for SIGKILL. */
    public static final int KILLED = 137;

    /** An error that no record tells. */
    static final int ERROR = 1;

    private ExitCode() {}

    /** That of a run's end; nothing stands for a run that another process works on. */
    static int of(Optional<RunRecord> record) {
        return record.map(RunRecord::status)
                .map(
                        status ->
                                switch (status) {
                                    case finished, diverged -> OK;
                                    case failed -> FAILED_WITH_RECORD;
                                    case cancelled -> CANCELLED;
                                })
                .orElse(BUSY);
    }

    /** True if the process was stopped from outside and had time to leave a checkpoint. */
    static boolean isStop(int code) {
        return code == CANCELLED || code == TERMINATED;
    }
}
