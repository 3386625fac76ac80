package org.lowrank.data.glue;

import java.util.List;
import java.util.Locale;
import org.lowrank.data.LabelPrompt;

/**
 * GLUE as text: prompts and words for the classes, of published code. STS-B, whose answers are
 * scores, has none.
 */
public enum GluePrompts {
    /**
     * Those of LoRA-GA (Wang et al., arXiv 2407.05000), under which the baselines of LoRA-Pro's
     * first table were measured. It has none for RTE; that of its other pairs is taken.
     */
    LORA_GA {
        @Override
        public LabelPrompt of(GlueTask task) {
            var what =
                    switch (task) {
                        case COLA -> "grammaticality of the text";
                        case SST2 -> "sentiment of the text";
                        case QNLI -> "semantic similarity of the question and the sentence";
                        default -> "semantic similarity of the text";
                    };
            var second = task.isPair() ? "\n{second}" : "";
            var text = "classify the " + what + ": {first}" + second + "\nresult: ";
            return new LabelPrompt(text, words(task));
        }

        private List<String> words(GlueTask task) {
            return switch (task) {
                case MRPC -> List.of("different", "equivalent");
                case QQP -> List.of("different", "duplicate");
                default -> task.labelNames();
            };
        }
    },
    /** Those in LoRA-Pro's repository, which are T5's own with other spaces. */
    LORA_PRO {
        @Override
        public LabelPrompt of(GlueTask task) {
            var name = task.name().toLowerCase(Locale.ROOT);
            var parts = parts(task);
            // "mnli hypothesis: ... premise: ...": the second text of a row stands first
            var slots =
                    task == GlueTask.MNLI
                            ? List.of("{second}", "{first}")
                            : List.of("{first}", "{second}");
            var text = new StringBuilder(name);
            for (int i = 0; i < parts.size(); i++) {
                text.append(' ').append(parts.get(i)).append(": ").append(slots.get(i));
            }
            return new LabelPrompt(text.toString(), task.labelNames());
        }

        private List<String> parts(GlueTask task) {
            return switch (task) {
                case COLA, SST2 -> List.of("sentence");
                case QNLI -> List.of("question", "sentence");
                case QQP -> List.of("question1", "question2");
                case MNLI -> List.of("hypothesis", "premise");
                default -> List.of("sentence1", "sentence2");
            };
        }
    };

    /** The prompt and the words of a task with classes. */
    public abstract LabelPrompt of(GlueTask task);
}
