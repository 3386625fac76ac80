package org.lowrank.model;

import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/**
 * Every model folder below {@code -Dlowrank.golden.hf=DIR} against the numbers in it, within the
 * tolerances stated there. Compared where the attention mask is 1.
 */
class HuggingFaceGoldenTest {

    private static final Path ROOT =
            Path.of(System.getProperty("lowrank.golden.hf", "../../shared/golden/hf"));

    @TestFactory
    Stream<DynamicNode> everyFolder() throws IOException {
        if (!Files.isDirectory(ROOT)) {
            return Stream.of(
                    dynamicTest(
                            "golden folders",
                            () -> assumeTrue(false, ROOT.toAbsolutePath() + " is not there")));
        }
        try (var folders = Files.list(ROOT)) {
            return folders
                    .filter(f -> Files.exists(f.resolve("inputs_expected.safetensors")))
                    .sorted()
                    .map(HuggingFaceGoldenTest::folder)
                    .toList()
                    .stream();
        }
    }

    private static DynamicNode folder(Path folder) {
        var name = folder.getFileName().toString();
        try {
            var type = GoldenFolder.typeOf(folder);
            if (!ModelFamilies.byType().containsKey(type)) {
                return dynamicTest(
                        name, () -> assumeTrue(false, "the family " + type + " is not built yet"));
            }
            if (GoldenPictures.TYPES.contains(type)) {
                return dynamicContainer(name, pictures(folder));
            }
            var tests = new ArrayList<DynamicNode>();
            for (var config : List.of("config.json", "config_v4.json")) {
                if (Files.exists(folder.resolve(config))) {
                    tests.addAll(tests(folder, config));
                }
            }
            return dynamicContainer(name, tests);
        } catch (IOException e) {
            return dynamicTest(
                    name,
                    () -> {
                        throw e;
                    });
        }
    }

    private static List<DynamicNode> pictures(Path folder) throws IOException {
        var tests = new ArrayList<DynamicNode>();
        GoldenPictures.checks(folder)
                .forEach(
                        (what, check) ->
                                tests.add(
                                        dynamicTest(
                                                folder.getFileName() + ", " + what,
                                                () -> {
                                                    try (var golden = new GoldenPictures(folder)) {
                                                        check.run(golden);
                                                    }
                                                })));
        return tests;
    }

    private static List<DynamicNode> tests(Path folder, String config) {
        boolean first = config.equals("config.json");
        var names =
                first
                        ? List.of(
                                "outputs",
                                "outputs at other positions",
                                "gradients",
                                "gradients by layer",
                                "new head",
                                "greedy",
                                "beams",
                                "adapter")
                        : List.of("outputs");
        return names.stream()
                .map(
                        what ->
                                (DynamicNode)
                                        dynamicTest(
                                                folder.getFileName()
                                                        + ", "
                                                        + what
                                                        + (first ? "" : ", " + config),
                                                () -> check(folder, config, what)))
                .toList();
    }

    private static void check(Path folder, String config, String what) throws IOException {
        try (var golden = new GoldenFolder(folder, config)) {
            var check = golden.checks().get(what);
            assumeTrue(check != null, "the folder has no " + what);
            check.run(golden);
        }
    }
}
