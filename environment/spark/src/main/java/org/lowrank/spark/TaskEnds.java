package org.lowrank.spark;

import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import scala.jdk.javaapi.CollectionConverters;

/** Which runs are under way, and which have ended since the last look. */
final class TaskEnds extends SparkListener {

    /** The job property that names a batch of runs. */
    static final String BATCH = "lowrank.batch";

    private final Map<String, List<String>> batches = new ConcurrentHashMap<>();
    private final Map<Integer, List<String>> runsOfStage = new ConcurrentHashMap<>();
    private final Map<String, String> running = new ConcurrentHashMap<>();
    private final Set<String> started = ConcurrentHashMap.newKeySet();
    private final Set<String> startedTwice = ConcurrentHashMap.newKeySet();
    private final Queue<String> ended = new ConcurrentLinkedQueue<>();

    void expect(String batch, List<String> runs) {
        batches.put(batch, runs);
    }

    /** Hosts by run. */
    Map<String, String> running() {
        return running;
    }

    /** The runs that more than one task was started for: tried again, or speculated on. */
    Set<String> startedTwice() {
        return startedTwice;
    }

    /** The runs whose tasks have ended well since the last call. */
    Queue<String> ended() {
        return ended;
    }

    @Override
    public void onJobStart(SparkListenerJobStart job) {
        var runs = batches.get(job.properties().getProperty(BATCH, ""));
        if (runs != null) {
            CollectionConverters.asJava(job.stageIds())
                    .forEach(stage -> runsOfStage.put(((Number) stage).intValue(), runs));
        }
    }

    @Override
    public void onTaskStart(SparkListenerTaskStart task) {
        var runs = runsOfStage.get(task.stageId());
        if (runs != null) {
            var run = runs.get(task.taskInfo().index());
            running.put(run, task.taskInfo().host());
            if (!started.add(run)) {
                startedTwice.add(run);
            }
        }
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd task) {
        var runs = runsOfStage.get(task.stageId());
        if (runs != null) {
            var run = runs.get(task.taskInfo().index());
            running.remove(run);
            if (task.taskInfo().successful()) {
                ended.add(run);
            }
        }
    }
}
