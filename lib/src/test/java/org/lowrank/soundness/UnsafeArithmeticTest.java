package org.lowrank.soundness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.lowrank.engine.GraphConstants;

/**
 * No compiled method of a package that builds graphs does arithmetic with a Java number on an
 * NDArray. {@link GraphConstants} says why, and is where such a number enters a graph.
 */
class UnsafeArithmeticTest {

    /** Packages that compute outside graphs only. A new package is checked unless it is added. */
    private static final Set<String> OUTSIDE_GRAPHS =
            Set.of(
                    "bench",
                    "data",
                    "diagnostics",
                    "experiment",
                    "linalg",
                    "optim",
                    "rule",
                    "report");

    /** Methods, or a package of them, of graph-building packages that act outside a graph. */
    private static final Set<String> EXEMPT =
            Set.of(
                    // a change of weight in float64 from factors cut off the graph
                    "org.lowrank.adapter.kind.AdaLoraAdapter.deltaWeight",
                    // the first values of the factors, computed before there is a graph
                    "org.lowrank.adapter.init.LoraGa.start",
                    "org.lowrank.adapter.init.LoraOne.start",
                    "org.lowrank.adapter.init.Pissa.start",
                    "org.lowrank.adapter.init.SingularTriplets.of",
                    // divides a gradient that backward has finished
                    "org.lowrank.adapter.BaseGradients.mean",
                    "org.lowrank.adapter.LoraPair.product",
                    // compute how pairs start, before there is a graph
                    "org.lowrank.adapter.init.",
                    // scales gradients that backward has finished
                    "org.lowrank.train.GradientNorm.clip",
                    // gradients by their formula, without a graph
                    "org.lowrank.task.toy.");

    /** {@code set(index, number)} fills in place, it is not recorded. */
    private static final String ASSIGNMENT = "set";

    private static final Pattern METHOD = Pattern.compile("^  \\S.*?([\\w$<>]+)\\(.*\\).*;$");
    private static final Pattern CLASS =
            Pattern.compile("^(?:\\w+ )*(?:class|interface|enum|record) ([\\w.$]+).*");
    private static final Pattern LAMBDA = Pattern.compile("lambda\\$(\\w+)\\$\\d+");
    private static final Pattern UNSAFE =
            Pattern.compile("ai/djl/ndarray/\\w+\\.(\\w+):\\([^)]*Ljava/lang/Number;");

    @Test
    void graphsHoldNoJavaNumbers() throws Exception {
        var found = new TreeSet<String>();
        for (var call : unsafeCalls(classFiles())) {
            if (EXEMPT.stream().noneMatch(call::startsWith)) {
                found.add(call);
            }
        }
        assertEquals(Set.of(), found, "make the number an array by GraphConstants.scalar");
    }

    @Test
    void theScanSeesSuchACall() throws Exception {
        var own = Path.of(UnsafeArithmeticTest.class.getResource("CollectionTest.class").toURI());
        assertFalse(unsafeCalls(List.of(own)).isEmpty());
    }

    private static List<Path> classFiles() throws IOException, URISyntaxException {
        var root =
                Path.of(
                                GraphConstants.class
                                        .getProtectionDomain()
                                        .getCodeSource()
                                        .getLocation()
                                        .toURI())
                        .resolve("org/lowrank");
        try (var files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith(".class"))
                    .filter(
                            file ->
                                    !OUTSIDE_GRAPHS.contains(
                                            root.relativize(file).getName(0).toString()))
                    .toList();
        }
    }

    /** {@code class.method: operation} of every such call. */
    private static List<String> unsafeCalls(List<Path> classes) {
        var output = new StringWriter();
        var arguments = new ArrayList<>(List.of("-c", "-p"));
        classes.forEach(file -> arguments.add(file.toString()));
        int status =
                ToolProvider.findFirst("javap")
                        .orElseThrow()
                        .run(
                                new PrintWriter(output),
                                new PrintWriter(output),
                                arguments.toArray(String[]::new));
        assertEquals(0, status, output.toString());
        var calls = new ArrayList<String>();
        var type = "";
        var method = "";
        for (var line : output.toString().lines().toList()) {
            var isClass = CLASS.matcher(line);
            var isMethod = METHOD.matcher(line);
            var unsafe = UNSAFE.matcher(line);
            if (isClass.matches()) {
                type = isClass.group(1);
            } else if (isMethod.matches()) {
                method = LAMBDA.matcher(isMethod.group(1)).replaceAll("$1");
            } else if (unsafe.find() && !unsafe.group(1).equals(ASSIGNMENT)) {
                calls.add(type + "." + method + ": " + unsafe.group(1));
            }
        }
        return calls;
    }
}
