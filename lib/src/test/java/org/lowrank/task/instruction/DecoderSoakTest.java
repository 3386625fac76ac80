package org.lowrank.task.instruction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.data.BatchPlan;
import org.lowrank.data.instruction.Sample;
import org.lowrank.engine.OwnClassPath;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.PretrainedModel;
import org.lowrank.model.block.CausalModel;
import org.lowrank.optim.Optimizers;
import org.lowrank.train.StepReport;
import org.lowrank.train.Trained;
import org.lowrank.train.TrainingConfig;
import org.lowrank.train.TrainingListener;
import org.lowrank.train.TrainingLoop;

/**
 * SmolLM2 with LoRA of rank 8 on every linear map, trained in two processes of one thread each from
 * one seed: every loss, gradient norm and trained value equal to the bit, as many native arrays and
 * as much memory after the last step as after the first tenth. {@code mvn -pl lib test
 * -Dtest=DecoderSoakTest -Dgroups=soak -DexcludedGroups= -Dlowrank.soak.steps=1000}; half an hour
 * on two free cores.
 */
class DecoderSoakTest {

    private static final int BATCH = 4;
    private static final int LENGTH = 64;
    private static final int ROWS = 400;

    /** Resident memory may move by so much; all of Java's heap is in it from the beginning. */
    private static final double SLACK = 1.05;

    @Test
    @Tag("soak")
    void twoProcessesTrainTheSameModelInFlatMemory() throws Exception {
        var data = System.getenv().getOrDefault("LOWRANK_DATA", "../../shared/data");
        var file = Path.of(data, "models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf");
        assumeTrue(Files.exists(file), file.toAbsolutePath() + " is not there");
        int steps = Integer.getInteger("lowrank.soak.steps", 1000);
        var first = start(file, steps);
        var second = start(file, steps);
        var seen = lines(first);
        assertEquals(steps, seen.stream().filter(line -> line.startsWith("step ")).count());
        assertEquals(repeatable(seen), repeatable(lines(second)));
        for (var process : List.of(first, second)) {
            assertEquals(0, process.waitFor());
        }
        var held = seen.stream().filter(line -> line.startsWith("held ")).toList();
        System.out.println(String.join("\n", held) + "\n" + seen.get(seen.size() - 1));
        assertEquals(1, held.stream().map(line -> line.split(" ")[1]).distinct().count());
        double early = Double.parseDouble(held.get(0).split(" ")[2]);
        double last = Double.parseDouble(held.get(held.size() - 1).split(" ")[2]);
        assertTrue(last <= SLACK * early, "resident memory, kB: " + held);
    }

    private static List<String> repeatable(List<String> lines) {
        return lines.stream().filter(line -> !line.startsWith("held ")).toList();
    }

    private static List<String> lines(Process process) throws IOException {
        var out = process.getInputStream().readAllBytes();
        return new String(out, StandardCharsets.UTF_8).lines().toList();
    }

    private static Process start(Path file, int steps) throws IOException {
        var command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xms512m",
                        "-Xmx512m",
                        "-XX:+AlwaysPreTouch",
                        "-Dai.djl.offline=true",
                        "-Dai.djl.pytorch.num_threads=1",
                        "-cp",
                        OwnClassPath.of(Run.class),
                        Run.class.getName(),
                        file.toString(),
                        Integer.toString(steps));
        var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("OMP_NUM_THREADS", "1");
        return builder.start();
    }

    /** One of the two processes: what it did, line by line. */
    static final class Run {

        private Run() {}

        public static void main(String[] args) throws IOException {
            int steps = Integer.parseInt(args[1]);
            try (var manager = NDManager.newBaseManager();
                    var opened = PretrainedModel.open(Path.of(args[0]));
                    var model = opened.load(CausalModel.class, LoadOptions.PLAIN, manager);
                    var adapters = AdapterSet.inject(model, LoraConfig.ofRank(8), 1);
                    var adam = Optimizers.create("adamw")) {
                var samples = samples(model.vocabulary());
                var lengths = samples.stream().mapToInt(Sample::length).toArray();
                var trained = Trained.of(model, adapters, adam, Map.of());
                var managers =
                        List.of(
                                manager,
                                model.manager(),
                                adapters.stacks().get(0).loraA().getManager());
                var told =
                        new TrainingListener() {
                            @Override
                            public void afterStep(StepReport report) {
                                System.out.printf(
                                        "step %d %s %s%n",
                                        report.step(), report.loss(), report.gradientNorm());
                                if (report.step() % Math.max(1, steps / 10) == 0) {
                                    System.out.printf("held %d %s%n", arrays(managers), resident());
                                }
                            }
                        };
                new TrainingLoop(
                                trained,
                                new AnswerObjective(
                                        model,
                                        samples,
                                        0,
                                        BatchPlan.ofSize(lengths, BATCH, 1),
                                        false),
                                Map::of,
                                TrainingConfig.of(steps, 1e-3),
                                1,
                                List.of(told))
                        .run();
                System.out.println("sha256 " + trained.sha256());
            }
        }

        /** What is learned does not matter, that it is repeatable does. */
        private static List<Sample> samples(int vocabulary) {
            var random = new Random(1);
            var rows = new ArrayList<Sample>();
            for (int row = 0; row < ROWS; row++) {
                var ids = random.ints(LENGTH, 0, vocabulary).toArray();
                var labels = ids.clone();
                Arrays.fill(labels, 0, 1 + random.nextInt(LENGTH - 1), Sample.NONE);
                rows.add(new Sample(ids, labels, 0));
            }
            return rows;
        }

        private static int arrays(List<NDManager> managers) {
            return managers.stream().mapToInt(m -> m.getManagedArrays().size()).sum();
        }

        /** Resident memory in kB; 0 where the system does not tell. */
        private static String resident() {
            try (var lines = Files.lines(Path.of("/proc/self/status"))) {
                return lines.filter(line -> line.startsWith("VmRSS"))
                        .map(line -> line.replaceAll("\\D", ""))
                        .findFirst()
                        .orElse("0");
            } catch (IOException e) {
                return "0";
            }
        }
    }
}
