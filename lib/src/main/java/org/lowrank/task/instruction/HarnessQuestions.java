package org.lowrank.task.instruction;

import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.lowrank.data.instruction.Instruction;
import org.lowrank.data.instruction.MathQuestion;
import org.lowrank.data.instruction.MathSet;
import org.lowrank.data.score.FewShot;
import org.lowrank.data.source.DataRoot;
import org.lowrank.text.PromptTemplate;

/** Questions of GSM8K as task {@code gsm8k} of lm-evaluation-harness puts them: {@link FewShot}. */
public final class HarnessQuestions {

    /** The instruction is the whole prompt; a blank before the answer. */
    public static final PromptTemplate WORDS =
            new PromptTemplate("harness", "{instruction}", "{instruction}", " ");

    private HarnessQuestions() {}

    /**
     * Worked examples of the training file and the question as one instruction, its worked solution
     * as the answer.
     *
     * @param asked the first questions of the test file, or all, in its order
     */
    public static List<Instruction> of(DataRoot root, List<MathQuestion> asked, int shots)
            throws IOException {
        var train =
                MathSet.GSM8K_TRAIN.read(root).stream()
                        .map(q -> new FewShot.Worked(q.question(), q.solution()))
                        .toList();
        var prompts =
                FewShot.prompts(train, asked.stream().map(MathQuestion::question).toList(), shots);
        return IntStream.range(0, asked.size())
                .mapToObj(
                        i ->
                                Instruction.of(
                                        asked.get(i).line(),
                                        prompts.get(i),
                                        "",
                                        asked.get(i).solution()))
                .toList();
    }
}
