package org.lowrank.task.instruction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lowrank.data.instruction.Instruction;
import org.lowrank.data.instruction.InstructionFile;
import org.lowrank.data.instruction.MathSet;
import org.lowrank.data.source.DataRoot;
import org.lowrank.task.TaskConfig;
import org.lowrank.task.Tasks;
import org.lowrank.task.instruction.InstructionSource.Leaked;

/** Test questions that are trained on can be left out of a test, and are counted. */
class LeakedTest {

    private static Instruction asked(int line, String question) {
        return Instruction.of(line, question, "", "1");
    }

    @Test
    void lettersAndDigitsTellQuestionsApartMarksAndCapitalsDoNot() {
        var train = List.of(asked(1, "Ann has 3 pens. How many?"), asked(2, "Bob has 4 pens."));
        var test =
                List.of(
                        asked(1, "ann has 3 pens , how many ?"),
                        asked(1, "Ann has 4 pens. How many?"),
                        asked(1, "Bob has 4 pen."));
        var facts = new LinkedHashMap<String, Object>();
        var kept = InstructionSource.withoutLeaked(train, test, facts);
        assertEquals(test.subList(1, 3), kept);
        assertEquals(1, facts.get("leaked_left_out"));
    }

    @Test
    void theTestOfMawpsLosesThe28QuestionsOfItsTrainingSet() throws IOException {
        var root = DataRoot.ofThisMachine();
        assumeTrue(root.contains(MathSet.MAWPS_TEST.path()), "MAWPS is not on this machine");
        var all = read(Leaked.KEPT);
        var clean = read(Leaked.LEFT_OUT);
        assertEquals(238, all.test().size());
        assertEquals(28, InstructionFile.shared(all.train(), all.test()).size());
        assertFalse(all.facts().containsKey("leaked_left_out"));
        assertEquals(210, clean.test().size());
        assertEquals(0, InstructionFile.shared(clean.train(), clean.test()).size());
        assertEquals(28, clean.facts().get("leaked_left_out"));
        assertEquals(all.train(), clean.train());
    }

    private static InstructionSource.Records read(Leaked leaked) throws IOException {
        return InstructionSource.sets(MathSet.MAWPS_TRAIN, MathSet.MAWPS_TEST, false, leaked)
                .read();
    }

    @Test
    void theChoiceIsAnOptionOfTheTaskWhoseTestHasLeaksAndOfNoOther() {
        assertEquals("LEFT_OUT", options("math/mawps/mawps").get("leaked"));
        assertFalse(options("math/mawps/svamp").containsKey("leaked"));
    }

    private static java.util.Map<String, Object> options(String task) {
        return Tasks.complete(new TaskConfig(task, 0, 0, 0, 56, 1L)).options();
    }
}
