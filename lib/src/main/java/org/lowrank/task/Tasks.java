package org.lowrank.task;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.lowrank.config.CodeFingerprint;
import org.lowrank.config.Option;
import org.lowrank.config.OptionValues;
import org.lowrank.config.Problems;
import org.lowrank.config.Registry;
import org.lowrank.model.PublishedModels;
import org.lowrank.model.block.Network;

/** The tasks by name: published ones, those of other jars, and those of this session. */
public final class Tasks {

    private static final Registry<Task> REGISTRY = new Registry<>("task");

    private Tasks() {}

    /**
     * Makes a task known. Again in a session: it is replaced.
     *
     * @param what it is, in a few words
     */
    public static void register(String name, String what, Task task) {
        REGISTRY.register(
                name,
                what,
                List.of(),
                options -> task,
                () -> CodeFingerprint.of(task.getClass(), task.contents()));
    }

    /** The same for a task that takes options of its own. */
    public static void register(
            String name, String what, List<Option<?>> options, Function<OptionValues, Task> make) {
        REGISTRY.register(name, what, options, make);
    }

    public static Set<String> names() {
        return REGISTRY.names();
    }

    /**
     * @throws IllegalArgumentException if there is none; the message lists the tasks
     */
    public static Task named(String name) {
        return REGISTRY.create(name);
    }

    /**
     * The task of a configuration.
     *
     * @throws IllegalArgumentException if there is none, or the one of this session is not the one
     *     that was planned
     */
    public static Task of(TaskConfig config) {
        return REGISTRY.create(config.choice());
    }

    public static boolean isOfThisSession(String name) {
        return REGISTRY.isOfThisSession(name);
    }

    /** The configuration with what only the task knows. */
    public static TaskConfig complete(TaskConfig config) {
        return config.completed(REGISTRY.complete(config.choice()));
    }

    /** Reports an unknown task, values that it cannot run with, and a model that is not there. */
    public static void check(TaskConfig config, String model, Problems problems) {
        int before = problems.list().size();
        REGISTRY.check(config.choice(), "task", problems);
        if (problems.list().size() == before) {
            var task = of(config);
            task.checkModel(model, problems);
            task.check(config, problems);
        }
    }

    /** Reports a model that is no path, and no published one that can be loaded so. */
    public static void checkModel(String model, Class<? extends Network> as, Problems problems) {
        checkModel(model, List.of(as), problems);
    }

    /** Reports a model that is no path, and no published one that can be loaded in any such way. */
    public static void checkModel(
            String model, List<Class<? extends Network>> asAnyOf, Problems problems) {
        var known = new ArrayList<String>();
        asAnyOf.forEach(as -> known.addAll(PublishedModels.names(as)));
        if (!known.contains(model) && !isPath(model)) {
            known.add("or the path of a folder or file");
            problems.oneOf("model", model, known);
        }
    }

    private static boolean isPath(String model) {
        try {
            return !model.isEmpty() && Files.exists(Path.of(model));
        } catch (InvalidPathException e) {
            return false;
        }
    }
}
