package org.lowrank.task;

import java.util.Locale;
import org.lowrank.config.Extension;
import org.lowrank.data.glue.GlueTask;
import org.lowrank.data.glue.Trec;
import org.lowrank.data.image.Cifar10;
import org.lowrank.data.image.FashionMnist;
import org.lowrank.data.image.ImageSet;
import org.lowrank.data.languagetool.Acceptability;
import org.lowrank.data.score.ClassMetric;
import org.lowrank.data.source.DataRoot;
import org.lowrank.data.source.LocalRepository;

/** Texts and pictures in classes: GLUE, TREC, LanguageTool's minimal pairs, the sets of images. */
public final class BuiltInTasks implements Extension {

    @Override
    public void register() {
        for (var task : GlueTask.values()) {
            var name = "glue/" + task.title().toLowerCase(Locale.ROOT);
            var source = new GlueSource(task);
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
    }

    private static void images(String name, String what, ImageSource source) {
        Tasks.register(
                "images/" + name,
                what,
                ImageClassification.ofSet(),
                options -> ImageClassification.of(source, options));
    }
}
