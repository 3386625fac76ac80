package org.lowrank.task;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.lowrank.config.Option;
import org.lowrank.config.OptionValues;
import org.lowrank.config.Problems;
import org.lowrank.data.image.Augmentation;
import org.lowrank.data.image.ImageData;
import org.lowrank.data.image.ImageFolder;
import org.lowrank.data.score.ClassMetric;
import org.lowrank.model.PretrainedModel;
import org.lowrank.model.head.ImageClassifier;
import org.lowrank.model.head.PictureClassifier;
import org.lowrank.model.vision.Clip;
import org.lowrank.model.vision.PromptClassifier;
import org.lowrank.text.Tokens;

/**
 * Pictures into classes: cross-entropy of a new head on an encoder, or of CLIP's cosines with
 * sentences about the classes (LoRA-Pro, table 3).
 */
public final class ImageClassification implements Task {

    /** What the adapters of a model of two towers reach. */
    public enum TextTower {
        /** The sentences are read once, and stand for a head that stays. */
        FROZEN,
        /** Both towers are adapted. */
        ADAPTED
    }

    private static final String CLASS = "{}";

    static final Option<String> FOLDER =
            text("folder", "", "of pictures by class, perhaps below train, val and test");

    static final Option<Augmentation> AUGMENT =
            Option.choice(
                    "augment",
                    Augmentation.NONE,
                    Augmentation.class,
                    "what is done to training pictures, anew in each epoch");

    static final Option<String> PROMPTS =
            text(
                    "prompts",
                    "",
                    "sentences with {} for the name of a class, with | between them: CLIP's text"
                            + " tower stands for a head; empty: a new linear head");

    static final Option<TextTower> TEXT_TOWER =
            Option.choice("text_tower", TextTower.FROZEN, TextTower.class, "with prompts");

    private static Option<String> text(String name, String unset, String meaning) {
        return new Option<>(name, String.class, unset, "a text", text -> true, meaning);
    }

    private final ImageSource source;
    private final Augmentation augmentation;
    private final List<String> prompts;
    private final TextTower textTower;

    private ImageClassification(ImageSource source, OptionValues options) {
        this.source = source;
        augmentation = options.get(AUGMENT);
        textTower = options.get(TEXT_TOWER);
        var sentences = options.get(PROMPTS);
        prompts = sentences.isEmpty() ? List.of() : List.of(sentences.split("\\s*\\|\\s*"));
    }

    /** Options of a task over a published set. */
    static List<Option<?>> ofSet() {
        return List.of(AUGMENT, PROMPTS, TEXT_TOWER);
    }

    /** Options of a task over a folder of one's own. */
    static List<Option<?>> ofFolder() {
        return List.of(FOLDER, AUGMENT, PROMPTS, TEXT_TOWER);
    }

    static ImageClassification of(ImageSource source, OptionValues options) {
        return new ImageClassification(source, options);
    }

    static ImageClassification ofFolder(OptionValues options) {
        var folder = options.get(FOLDER);
        ImageSource source =
                folder.isEmpty()
                        ? null
                        : config -> ImageFolder.read(Path.of(folder), TextSource.holdOut(config));
        return new ImageClassification(source, options);
    }

    @Override
    public List<String> metrics() {
        return List.of(ClassMetric.ACCURACY.label(), ClassMetric.MATTHEWS.label());
    }

    @Override
    public void check(TaskConfig config, Problems problems) {
        problems.require(source != null, "task.folder", "is missing: name a folder of pictures");
        for (var prompt : prompts) {
            problems.require(
                    prompt.contains(CLASS),
                    "task.prompts",
                    "has the sentence '" + prompt + "' without {} for the name of a class");
        }
    }

    @Override
    public void checkModel(String model, Problems problems) {
        Tasks.checkModel(model, ImageClassifier.class, problems);
    }

    @Override
    public OpenTask<Integer> open(TaskConfig config, TaskContext context) throws IOException {
        var data = source.load(config);
        try (var opened = context.open()) {
            return new OpenImages(
                    model(opened, data, context),
                    TaskContext.facts(opened),
                    data,
                    opened.imageProcessor(),
                    new OpenImages.Batches(context.batchSize(), context.seed(), augmentation));
        }
    }

    /** Digits may be what is seen (SVHN); larger numbers are places in a list. */
    static void requireNames(String set, List<String> classes) {
        var number = classes.stream().filter(name -> name.matches("\\d{2,}")).findFirst();
        if (number.isPresent()) {
            throw new IllegalArgumentException(
                    ("%s calls a class \"%s\", which no sentence can be made of; write the names of"
                                    + " its %d classes, one a line in their order, into classes.txt"
                                    + " in the folder of the set, or leave task.options.prompts"
                                    + " empty")
                            .formatted(set, number.get(), classes.size()));
        }
    }

    private PictureClassifier model(PretrainedModel opened, ImageData data, TaskContext context)
            throws IOException {
        var classes = data.rows().labelNames();
        if (prompts.isEmpty()) {
            return opened.classifier(
                    ImageClassifier.class,
                    classes.size(),
                    context.load(),
                    context.seed(),
                    context.owner());
        }
        requireNames(data.rows().name(), classes);
        var clip = opened.load(Clip.class, context.load(), context.owner());
        var sentences = new ArrayList<Tokens>();
        try (var tokenizer = opened.tokenizer()) {
            for (var name : classes) {
                for (var prompt : prompts) {
                    var sentence = prompt.replace(CLASS, name.replace('_', ' '));
                    sentences.add(tokenizer.encode(sentence, clip.positions()));
                }
            }
        }
        return new PromptClassifier(
                clip, sentences, classes.size(), textTower == TextTower.ADAPTED);
    }
}
