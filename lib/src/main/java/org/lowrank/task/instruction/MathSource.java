package org.lowrank.task.instruction;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import org.lowrank.data.instruction.Instruction;
import org.lowrank.data.instruction.MathQuestion;
import org.lowrank.data.instruction.MathSet;
import org.lowrank.data.source.DataRoot;
import org.lowrank.data.source.NeededFile;

/** {@link InstructionSource#sets}. */
record MathSource(MathSet train, MathSet test, boolean worked, Leaked leaked)
        implements InstructionSource {

    @Override
    public List<NeededFile> files() {
        return List.of(train.file(), test.file());
    }

    @Override
    public Records read() throws IOException {
        var root = DataRoot.ofThisMachine();
        var facts = new LinkedHashMap<String, Object>();
        for (var file : files()) {
            facts.put(file.path() + " sha256", file.sha256(root));
        }
        var trained = records(train.read(root));
        var tested = records(test.read(root));
        if (leaked == Leaked.LEFT_OUT) {
            tested = InstructionSource.withoutLeaked(trained, tested, facts);
        }
        return new Records(train.path(), trained, test.path(), tested, facts, List.of());
    }

    private List<Instruction> records(List<MathQuestion> questions) {
        return questions.stream().map(q -> worked ? q.worked() : q.calculated()).toList();
    }
}
