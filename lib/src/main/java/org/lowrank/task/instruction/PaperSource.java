package org.lowrank.task.instruction;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import org.lowrank.data.instruction.MathQuestion;
import org.lowrank.data.instruction.MathSet;
import org.lowrank.data.instruction.PaperSet;
import org.lowrank.data.source.DataRoot;
import org.lowrank.data.source.NeededFile;

/** {@link InstructionSource#paper}; {@code test} is null where rows are held out. */
record PaperSource(PaperSet train, PaperSet.Selection selection, MathSet test)
        implements InstructionSource {

    @Override
    public List<NeededFile> files() {
        return test == null ? List.of(train.file()) : List.of(train.file(), test.file());
    }

    @Override
    public Records read() throws IOException {
        var root = DataRoot.ofThisMachine();
        var facts = new LinkedHashMap<String, Object>();
        for (var file : files()) { // what is missing is said before a large set is read
            facts.put(file.path() + " sha256", file.sha256(root));
        }
        var trained = train.read(root, selection);
        if (test == null) {
            return new Records(train.path(), trained, "", List.of(), facts, List.of());
        }
        var tested = test.read(root).stream().map(MathQuestion::worked).toList();
        return new Records(train.path(), trained, test.path(), tested, facts, List.of());
    }
}
