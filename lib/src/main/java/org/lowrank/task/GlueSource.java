package org.lowrank.task;

import java.io.IOException;
import java.util.List;
import org.lowrank.data.TaskData;
import org.lowrank.data.glue.GlueTask;
import org.lowrank.data.source.DataRoot;
import org.lowrank.data.source.NeededFile;

/** The rows of a set of GLUE, from the data folder of this machine. */
public record GlueSource(GlueTask set) implements TextSource {

    @Override
    public TaskData read(TaskConfig config) throws IOException {
        return set.load(DataRoot.ofThisMachine(), TextSource.holdOut(config));
    }

    @Override
    public List<NeededFile> files() {
        return set.files();
    }
}
