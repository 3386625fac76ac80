package org.lowrank.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lowrank.config.Json;
import org.lowrank.engine.OwnClassPath;
import org.lowrank.golden.GoldenFiles;
import org.lowrank.soundness.Mutants;

/**
 * Damaged {@code tokenizer.json} files: each is read, and then encodes and decodes, or is refused
 * by a message that begins with its name. A native library reads them, which can end the process:
 * the mutants are tried in one of their own. 500 of every tokenizer; the long form: {@code
 * -Dlowrank.mutants=10000}.
 */
@Timeout(value = 3, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TokenizerMutationTest {

    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"bpe_gpt2", "bpe_llama2", "unigram_t5", "wordpiece_bert"})
    void everyMutantIsReadOrRefusedByName(String name) throws Exception {
        var sound = GoldenFiles.golden("hf").resolve("tokenizers").resolve(name);
        for (var file : List.of("tokenizer.json", "tokenizer_config.json")) {
            Files.copy(sound.resolve(file), folder.resolve(file));
        }
        var command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:-CreateCoredumpOnCrash",
                        "-XX:ErrorFile=" + folder.resolve("crash.log"),
                        "-Dai.djl.offline=true",
                        "-cp",
                        OwnClassPath.of(Run.class),
                        Run.class.getName(),
                        folder.toString(),
                        Integer.toString(Mutants.COUNT));
        var process =
                new ProcessBuilder(command)
                        .redirectError(folder.resolve("stderr").toFile())
                        .start();
        var out =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .toList();
        int status = process.waitFor();
        var faults = out.stream().filter(line -> line.startsWith("fault ")).toList();
        assertTrue(faults.isEmpty(), () -> String.join("\n", faults));
        assertEquals(0, status, () -> "the process ended at " + out.get(out.size() - 1));
        var tally = new Mutants.Tally("tokenizer.json, " + name, Long.MAX_VALUE);
        out.stream()
                .map(line -> line.split(" "))
                .filter(words -> words.length == 3)
                .forEach(words -> tally.add(words[0].equals("no"), Long.parseLong(words[2])));
        tally.close(0.25);
    }

    /** Says the number of each mutant before it is opened. */
    static final class Run {

        private Run() {}

        public static void main(String[] args) throws IOException {
            var folder = Path.of(args[0]);
            var file = folder.resolve("tokenizer.json");
            var sound = Files.readString(file);
            for (int number = 0; number < Integer.parseInt(args[1]); number++) {
                var mutant = mutant(sound, new Random(number));
                Files.write(file, mutant);
                System.out.println("mutant " + number);
                long start = System.nanoTime();
                var said = "yes";
                try (var tokenizer = TextTokenizer.ofFolder(folder)) {
                    var ids = tokenizer.encode("Äpfel and <s> pears, 12 of them\n");
                    tokenizer.decodeText(ids);
                    tokenizer.encode("a", "b", 16);
                } catch (IOException | RuntimeException | Error e) {
                    boolean named = String.valueOf(e.getMessage()).startsWith(folder.toString());
                    said = "no";
                    if (!named) {
                        System.out.println("fault " + number + ": " + e);
                    }
                }
                System.out.println(said + " after " + (System.nanoTime() - start));
            }
        }

        private static byte[] mutant(String sound, Random random) throws IOException {
            if (random.nextInt(3) > 0) {
                var tree = Json.mapper().readTree(sound);
                change(tree, random);
                return Json.line(tree).getBytes(StandardCharsets.UTF_8);
            }
            var bytes = sound.getBytes(StandardCharsets.UTF_8);
            int at = random.nextInt(bytes.length);
            if (random.nextBoolean()) {
                return Arrays.copyOf(bytes, at);
            }
            bytes[at] = (byte) random.nextInt(256);
            return bytes;
        }

        /** One value of the tree, as often of its upper parts as of its many words. */
        private static void change(JsonNode tree, Random random) {
            var node = tree;
            while (true) {
                var below = new ArrayList<String>();
                node.fieldNames().forEachRemaining(below::add);
                int size = node.isArray() ? node.size() : below.size();
                int place = random.nextInt(size);
                var child = node.isArray() ? node.get(place) : node.get(below.get(place));
                if (child.isContainerNode() && !child.isEmpty() && random.nextInt(4) > 0) {
                    node = child;
                } else if (node instanceof ArrayNode list) {
                    if (random.nextInt(4) == 0) {
                        list.remove(place);
                    } else {
                        list.set(place, other(child, random));
                    }
                    return;
                } else {
                    var object = (ObjectNode) node;
                    if (random.nextInt(4) == 0) {
                        object.remove(below.get(place));
                    } else {
                        object.set(below.get(place), other(child, random));
                    }
                    return;
                }
            }
        }

        private static JsonNode other(JsonNode old, Random random) {
            var make = Json.mapper().getNodeFactory();
            return switch (random.nextInt(8)) {
                case 0 -> make.nullNode();
                case 1 -> make.numberNode(random.nextInt(100_000) - 10);
                case 2 -> make.numberNode(Long.MAX_VALUE);
                case 3 -> make.textNode("<x>");
                case 4 -> make.booleanNode(random.nextBoolean());
                case 5 -> make.arrayNode();
                case 6 -> make.objectNode();
                default -> make.arrayNode().add(old.deepCopy()).add(old.deepCopy());
            };
        }
    }
}
