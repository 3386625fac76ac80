package org.lowrank.experiment.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import org.lowrank.config.Problems;
import org.lowrank.experiment.spec.RunConfig;

/** The families of tasks on the class path. */
public final class Workloads {

    private Workloads() {}

    private static final class Holder {
        static final List<Workload> ALL = load();

        private static List<Workload> load() {
            var all = new ArrayList<Workload>();
            ServiceLoader.load(Workload.class, Workload.class.getClassLoader()).forEach(all::add);
            return List.copyOf(all);
        }
    }

    /** Every task that can be run. */
    public static List<String> tasks() {
        return Holder.ALL.stream().flatMap(w -> w.tasks().stream()).sorted().toList();
    }

    /**
     * The family of a task.
     *
     * @throws IllegalArgumentException if there is none; the message lists the tasks
     */
    public static Workload forTask(String task) {
        return find(task)
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "task.name is \""
                                                + task
                                                + "\"; allowed: "
                                                + String.join(", ", tasks())));
    }

    public static void check(RunConfig config, Problems problems) {
        var task = config.task().name();
        problems.oneOf("task.name", task, tasks());
        find(task).ifPresent(workload -> workload.check(config, problems));
    }

    private static Optional<Workload> find(String task) {
        return Holder.ALL.stream().filter(w -> w.tasks().contains(task)).findFirst();
    }
}
