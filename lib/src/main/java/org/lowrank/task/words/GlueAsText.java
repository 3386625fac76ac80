package org.lowrank.task.words;

import java.util.Locale;
import java.util.TreeMap;
import org.lowrank.config.Extension;
import org.lowrank.data.LabelPrompt;
import org.lowrank.data.glue.GluePrompts;
import org.lowrank.data.glue.GlueTask;
import org.lowrank.task.GlueSource;
import org.lowrank.task.Tasks;

/** The sets of GLUE that have classes, as text: {@code glue_text/cola} and its like. */
public final class GlueAsText implements Extension {

    @Override
    public void register() {
        for (var task : GlueTask.values()) {
            if (!task.labelNames().isEmpty()) {
                register(task);
            }
        }
    }

    private static void register(GlueTask task) {
        var source = new GlueSource(task);
        var prompts = new TreeMap<String, LabelPrompt>();
        for (var published : GluePrompts.values()) {
            prompts.put(published.name().toLowerCase(Locale.ROOT), published.of(task));
        }
        Tasks.register(
                "glue_text/" + task.title().toLowerCase(Locale.ROOT),
                task.title() + " of GLUE as text: a prompt, and the word of the class",
                TextToText.OPTIONS,
                options -> TextToText.of(source, prompts, options));
    }
}
