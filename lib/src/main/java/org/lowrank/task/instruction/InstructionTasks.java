package org.lowrank.task.instruction;

import java.util.List;
import org.lowrank.config.Extension;
import org.lowrank.config.Option;
import org.lowrank.config.OptionValues;
import org.lowrank.data.instruction.MathSet;
import org.lowrank.data.instruction.PaperSet;
import org.lowrank.data.score.FewShot;
import org.lowrank.task.Task;
import org.lowrank.task.Tasks;
import org.lowrank.task.instruction.InstructionSource.Leaked;

/** Prompts and answers: of files, of published word problems, of the papers' sets. */
public final class InstructionTasks implements Extension {

    private static final Option<Leaked> LEAKED =
            Option.choice(
                    "leaked",
                    Leaked.LEFT_OUT,
                    Leaked.class,
                    "test questions that are trained on, by letters and digits");

    @Override
    public void register() {
        Tasks.register(
                "instructions",
                "prompts and answers in a file",
                InstructionTuning.ofFiles(),
                InstructionTuning::ofFiles);
        problems("mawps_asdiv_a/svamp", MathSet.MAWPS_ASDIV_A, MathSet.SVAMP, false);
        problems("mawps/svamp", MathSet.MAWPS_TRAIN, MathSet.SVAMP, false);
        problems("gsm8k", MathSet.GSM8K_TRAIN, MathSet.GSM8K_TEST, true);
        withLeaks("mawps/mawps", MathSet.MAWPS_TRAIN, MathSet.MAWPS_TEST);
        Tasks.register(
                "few_shot/mawps_asdiv_a/svamp",
                "the questions of math/mawps_asdiv_a/svamp with worked examples before each",
                Option.all(InstructionTuning.ofSets(), List.of(WorkedExamples.SHOTS)),
                options ->
                        new WorkedExamples(
                                mawpsToSvamp(options), options.get(WorkedExamples.SHOTS)));
        Tasks.register(
                "few_shot/gsm8k",
                "math/gsm8k, its test as lm-evaluation-harness asks it: worked examples before each"
                        + " question",
                Option.all(InstructionTuning.ofSets(), ofHarness()),
                options -> new HarnessTest(gsm8k(options), options.get(WorkedExamples.SHOTS)));
        Tasks.register(
                "chat/mawps_asdiv_a/svamp",
                "the same rows as those of math/mawps_asdiv_a/svamp in the model's chat template",
                InstructionTuning.ofSets(),
                options -> new InChatTemplate(mawpsToSvamp(options)));
        paper(PaperSet.META_MATH, MathSet.GSM8K_TEST);
        paper(PaperSet.CODE_FEEDBACK, null);
        paper(PaperSet.WIZARD_LM, null);
    }

    private static InstructionTuning mawpsToSvamp(OptionValues options) {
        var sets = InstructionSource.sets(MathSet.MAWPS_ASDIV_A, MathSet.SVAMP, false, Leaked.KEPT);
        return InstructionTuning.of(sets, options);
    }

    private static InstructionTuning gsm8k(OptionValues options) {
        var sets =
                InstructionSource.sets(MathSet.GSM8K_TRAIN, MathSet.GSM8K_TEST, true, Leaked.KEPT);
        return InstructionTuning.of(sets, options);
    }

    private static List<Option<?>> ofHarness() {
        return List.of(
                InstructionTuning.JUDGED.unset(InstructionTuning.Judged.AS_PUBLISHED),
                InstructionTuning.NEW_TOKENS.unset(FewShot.NEW_TOKENS),
                WorkedExamples.SHOTS.unset(FewShot.SHOTS));
    }

    private static void paper(PaperSet train, MathSet test) {
        Tasks.register(
                "paper/" + train.manifestName(),
                "instructions of both papers: trained on "
                        + train.path()
                        + ", tested on "
                        + (test == null ? "rows held out" : test.path()),
                test == null
                        ? InstructionTuning.ofPapers(false)
                        : Option.all(InstructionTuning.ofPapers(true), List.of(HarnessTest.TESTED)),
                options -> paper(train, test, options));
    }

    private static Task paper(PaperSet train, MathSet test, OptionValues options) {
        var selection = options.get(InstructionTuning.SELECTION);
        var task = InstructionTuning.of(InstructionSource.paper(train, selection, test), options);
        boolean byHarness =
                test != null && options.get(HarnessTest.TESTED) == HarnessTest.Tested.FIVE_SHOT;
        return byHarness ? new HarnessTest(task, FewShot.SHOTS) : task;
    }

    private static void problems(String name, MathSet train, MathSet test, boolean worked) {
        Tasks.register(
                "math/" + name,
                "word problems: trained on "
                        + train.path()
                        + ", tested on "
                        + test.path()
                        + (worked ? ", answers in words" : ", answers as calculations"),
                InstructionTuning.ofSets(),
                options ->
                        InstructionTuning.of(
                                InstructionSource.sets(train, test, worked, Leaked.KEPT), options));
    }

    /** A pair whose test has questions of its training set. */
    private static void withLeaks(String name, MathSet train, MathSet test) {
        Tasks.register(
                "math/" + name,
                "word problems: trained on "
                        + train.path()
                        + ", tested on "
                        + test.path()
                        + " without the questions that are trained on",
                Option.all(InstructionTuning.ofSets(), List.of(LEAKED)),
                options ->
                        InstructionTuning.of(
                                InstructionSource.sets(train, test, false, options.get(LEAKED)),
                                options));
    }
}
