package org.lowrank.optim;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.linalg.Gram;

/**
 * Every run of every file of optimizer steps is matched at every step. The folder is that of {@code
 * -Dlowrank.golden=DIR}, or the test resources. A run whose name is not known is a failure.
 */
class GoldenStepsTest {

    private static final double FLOAT64_TOLERANCE = 1e-9;
    private static final double FLOAT32_TOLERANCE = 1e-4;

    /** Gram matrices up to this condition count as well conditioned for float32 factors. */
    private static final double WELL_CONDITIONED = 1e3;

    @TestFactory
    Stream<DynamicContainer> everyRunIsMatchedAtEveryStep() throws IOException {
        var folder = folder();
        List<Path> files;
        try (var list = Files.list(folder)) {
            files = list.filter(path -> path.toString().endsWith(".json")).sorted().toList();
        }
        var containers = new ArrayList<DynamicContainer>();
        for (var file : files) {
            var json = new ObjectMapper().readTree(file.toFile());
            var first = json.path("cases").path(0);
            if (first.has("paper_runs") || first.has("released_runs")) {
                containers.add(dynamicContainer(file.getFileName().toString(), cases(json)));
            }
        }
        assertFalse(containers.isEmpty(), "no file of optimizer steps in " + folder);
        return containers.stream();
    }

    private static Path folder() {
        var given = Path.of(System.getProperty("lowrank.golden", "src/test/resources/golden"));
        // Tests run in the module's folder, but the command is given in the one above.
        return Files.isDirectory(given) ? given : Path.of("..").resolve(given);
    }

    private static List<DynamicNode> cases(JsonNode file) {
        var nodes = new ArrayList<DynamicNode>();
        for (var golden : file.get("cases")) {
            var name =
                    "seed %s, m=%s, n=%s, r=%s"
                            .formatted(
                                    golden.path("seed"),
                                    golden.get("m"),
                                    golden.get("n"),
                                    golden.get("r"));
            var runs = new ArrayList<DynamicNode>();
            for (var group : List.of("paper_runs", "released_runs")) {
                golden.path(group)
                        .properties()
                        .forEach(run -> runs.addAll(tests(golden, run.getKey(), run.getValue())));
            }
            assertFalse(runs.isEmpty(), name + " has no run");
            nodes.add(dynamicContainer(name, runs));
        }
        return nodes;
    }

    private static List<DynamicNode> tests(JsonNode golden, String name, JsonNode run) {
        var tests = new ArrayList<DynamicNode>();
        tests.add(
                dynamicTest(
                        name + " in float64",
                        () -> matches(golden, name, run, DataType.FLOAT64, FLOAT64_TOLERANCE)));
        if (wellConditioned(golden, run)) {
            tests.add(
                    dynamicTest(
                            name + " in float32",
                            () -> matches(golden, name, run, DataType.FLOAT32, FLOAT32_TOLERANCE)));
        }
        return tests;
    }

    private static boolean wellConditioned(JsonNode golden, JsonNode run) {
        var factors = new ArrayList<JsonNode>(List.of(golden));
        run.get("steps").forEach(factors::add);
        return factors.stream()
                .allMatch(
                        at ->
                                condition(at, "A", true) <= WELL_CONDITIONED
                                        && condition(at, "B", false) <= WELL_CONDITIONED);
    }

    private static double condition(JsonNode at, String factor, boolean rows) {
        var matrix = Matrices.of(at.has(factor) ? at.get(factor) : at.get(factor + "0"));
        return (rows ? Gram.ofRows(matrix) : Gram.ofColumns(matrix)).condition();
    }

    private static void matches(
            JsonNode golden, String name, JsonNode run, DataType type, double tolerance) {
        var steps = run.get("steps");
        assertFalse(steps.isEmpty(), name + " lists no step");
        double scaling = golden.get("scaling").asDouble();
        double rate = golden.get("lr").asDouble();
        try (var manager = NDManager.newBaseManager();
                var optimizer = GoldenRuns.optimizer(name, run)) {
            var a = Matrices.stack(manager, type, Matrices.of(golden.get("A0")));
            var b = Matrices.stack(manager, type, Matrices.of(golden.get("B0")));
            var stack = new PairStack(List.of("pair"), a, b, scaling);
            for (int t = 0; t < steps.size(); t++) {
                var full = Matrices.of(golden.get("W_grad").get(t));
                try (var raw = raw(manager, type, stack, full)) {
                    optimizer.step(List.of(stack), List.of(raw), rate);
                }
                var at = name + ", " + type + ", step " + t + ", ";
                close(at + "A", Matrices.layer(a, 0), steps.get(t).get("A"), tolerance);
                close(at + "B", Matrices.layer(b, 0), steps.get(t).get("B"), tolerance);
            }
        }
    }

    /** s Bᵀ G and s G Aᵀ at the present factors. */
    private static PairGradient raw(
            NDManager manager, DataType type, PairStack stack, DMatrixRMaj full) {
        var a = Matrices.layer(stack.loraA(), 0);
        var b = Matrices.layer(stack.loraB(), 0);
        var gradA = Matrices.scaled(stack.scaling(), Matrices.product(Matrices.transpose(b), full));
        var gradB = Matrices.scaled(stack.scaling(), Matrices.product(full, Matrices.transpose(a)));
        return new PairGradient(
                Matrices.stack(manager, type, gradA), Matrices.stack(manager, type, gradB));
    }

    private static void close(String what, DMatrixRMaj actual, JsonNode node, double tolerance) {
        double error = Matrices.relativeError(actual, Matrices.of(node));
        assertTrue(error <= tolerance, what + " is off by " + error + " relative");
    }
}
