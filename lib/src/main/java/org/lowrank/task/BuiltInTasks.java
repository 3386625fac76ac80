package org.lowrank.task;

import java.util.List;
import java.util.Locale;
import org.lowrank.config.Extension;
import org.lowrank.config.Option;
import org.lowrank.config.OptionValues;
import org.lowrank.data.glue.GlueTask;
import org.lowrank.data.glue.Trec;
import org.lowrank.data.image.Cifar10;
import org.lowrank.data.image.FashionMnist;
import org.lowrank.data.image.ImageSet;
import org.lowrank.data.instruction.MathSet;
import org.lowrank.data.instruction.PaperSet;
import org.lowrank.data.languagetool.Acceptability;
import org.lowrank.data.score.ClassMetric;
import org.lowrank.data.source.DataRoot;
import org.lowrank.data.source.LocalRepository;
import org.lowrank.task.InstructionSource.Leaked;

/** The tasks that this library brings: GLUE, TREC, and LanguageTool's minimal pairs. */
public final class BuiltInTasks implements Extension {

    private static final Option<Leaked> LEAKED =
            Option.choice(
                    "leaked",
                    Leaked.LEFT_OUT,
                    Leaked.class,
                    "test questions that are trained on, by letters and digits");

    @Override
    public void register() {
        for (var task : GlueTask.values()) {
            var name = "glue/" + task.title().toLowerCase(Locale.ROOT);
            TextSource source =
                    config -> task.load(DataRoot.ofThisMachine(), TextSource.holdOut(config));
            Tasks.register(
                    name,
                    task.title() + " of GLUE, tested on its dev set",
                    task.labelNames().isEmpty()
                            ? new TextRegression(source, task.isPair())
                            : new TextClassification(
                                    source,
                                    task.isPair(),
                                    task.labelNames().size(),
                                    (ClassMetric) task.metrics().get(0)));
        }
        Tasks.register(
                "languagetool/acceptability",
                "LanguageTool's sentences, right or wrong; no download",
                new TextClassification(
                        config ->
                                Acceptability.load(
                                        LocalRepository.ofThisMachine(), config.splitSeed()),
                        false,
                        Acceptability.LABELS.size(),
                        ClassMetric.ACCURACY));
        Tasks.register(
                "trec",
                "TREC's questions by what they ask for, six classes",
                new TextClassification(
                        config -> Trec.load(DataRoot.ofThisMachine(), TextSource.holdOut(config)),
                        false,
                        Trec.LABELS.size(),
                        Trec.METRIC));
        Tasks.register(
                "instructions",
                "prompts and answers in a file",
                InstructionTuning.ofFiles(),
                InstructionTuning::ofFiles);
        images(
                "fashion-mnist",
                "Fashion-MNIST, clothes in ten classes",
                config -> FashionMnist.load(DataRoot.ofThisMachine(), TextSource.holdOut(config)));
        images(
                "cifar10",
                "CIFAR-10, things and animals in ten classes",
                config -> Cifar10.load(DataRoot.ofThisMachine(), TextSource.holdOut(config)));
        for (var set : ImageSet.values()) {
            images(
                    set.folderName(),
                    set + ", of LoRA-Pro's table 3",
                    config -> set.load(DataRoot.ofThisMachine(), TextSource.holdOut(config)));
        }
        Tasks.register(
                "images/folder",
                "pictures in a folder for each class",
                ImageClassification.ofFolder(),
                ImageClassification::ofFolder);
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

    private static void paper(PaperSet train, MathSet test) {
        Tasks.register(
                "paper/" + train.manifestName(),
                "instructions of both papers: trained on "
                        + train.path()
                        + ", tested on "
                        + (test == null ? "rows held out" : test.path()),
                InstructionTuning.ofPapers(test != null),
                options ->
                        InstructionTuning.of(
                                InstructionSource.paper(
                                        train, options.get(InstructionTuning.SELECTION), test),
                                options));
    }

    private static void images(String name, String what, ImageSource source) {
        Tasks.register(
                "images/" + name,
                what,
                ImageClassification.ofSet(),
                options -> ImageClassification.of(source, options));
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
