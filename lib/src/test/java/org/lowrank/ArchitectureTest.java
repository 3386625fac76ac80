package org.lowrank;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rooms of the house and their arrows: a room uses those below it, none above or beside it. */
class ArchitectureTest {

    private static final String ROOT = "org.lowrank";

    /** From the ground up; rooms of one floor do not know each other. */
    private static final List<List<String>> FLOORS =
            List.of(
                    List.of("linalg", "config", "engine"),
                    List.of("weights", "text"),
                    List.of("adapter", "data"),
                    List.of("model", "rule"),
                    List.of("optim"),
                    List.of("train"),
                    List.of("task", "diagnostics"),
                    List.of("experiment"),
                    List.of("report", "bench"),
                    List.of("cli"));

    /** The last line of a package-info. */
    private static final Pattern MAY_IMPORT = Pattern.compile("<p>May import: ([^<]+?)\\.\\s+\\*/");

    private static final Pattern NAMED = Pattern.compile("\\{@code[\\s*]+([a-z.]+)}");
    private static final int MOST_CLASSES = 30;

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages(ROOT);

    static Stream<String> rooms() {
        return FLOORS.stream().flatMap(List::stream);
    }

    @ParameterizedTest
    @MethodSource("rooms")
    void aRoomUsesOnlyThoseBelowIt(String room) {
        var forbidden = new ArrayList<String>();
        var above = false;
        for (var floor : FLOORS) {
            above |= floor.contains(room);
            if (above) {
                floor.stream().filter(other -> !other.equals(room)).forEach(forbidden::add);
            }
        }
        noClasses()
                .that()
                .resideInAPackage(in(room))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        forbidden.stream().map(ArchitectureTest::in).toArray(String[]::new))
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    /** Within a room: adapter knows neither its kinds nor its starts, and neither the files. */
    @Test
    void theRoomsOfAdaptersFormNoCircle() {
        var adapter = ROOT + ".adapter";
        noClasses()
                .that()
                .resideInAPackage(adapter)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(adapter + ".*")
                .check(CLASSES);
        for (var room : List.of("kind", "init")) {
            noClasses()
                    .that()
                    .resideInAPackage(adapter + "." + room)
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            adapter + ".peft", adapter + (room.equals("kind") ? ".init" : ".kind"))
                    .check(CLASSES);
        }
    }

    /** Within a room, from the ground up; a dot is what stands in the room itself. */
    static Stream<List<String>> roomsWithin() {
        return Stream.of(
                List.of("adapter", ".", "kind", "peft"),
                List.of("adapter", ".", "init", "peft"),
                List.of("data", ".", "score", "glue"),
                List.of("data", ".", "source", "glue"),
                List.of("data", ".", "source", "languagetool"),
                List.of("data", ".", "source", "glue", "image"),
                List.of("data", ".", "source", "instruction"),
                List.of("data", ".", "score", "instruction"),
                List.of("data.score", ".", "judge"),
                List.of("data.score", ".", "program"),
                List.of("text", "jinja", "."),
                List.of("model", "block", "head", ".", "generate"),
                List.of("model", "block", "head", ".", "vision"),
                List.of("task", ".", "toy"),
                List.of("task", ".", "instruction", "words"),
                List.of("task", ".", "instruction", "written"),
                List.of("experiment", "spec", "record", "run"),
                List.of("experiment", "spec", "memory", "run"),
                List.of("experiment", "memory", "record"),
                List.of("experiment", "record", "memory"),
                List.of("report", "picture", ".", "chart"),
                List.of("bench", "reference", "."));
    }

    @ParameterizedTest
    @MethodSource("roomsWithin")
    void aRoomWithinARoomUsesOnlyThoseBelowIt(List<String> parts) {
        var room = ROOT + "." + parts.get(0);
        for (int low = 1; low < parts.size(); low++) {
            for (int high = low + 1; high < parts.size(); high++) {
                noClasses()
                        .that()
                        .resideInAPackage(within(room, parts.get(low)))
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage(within(room, parts.get(high)))
                        .check(CLASSES);
            }
        }
    }

    @Test
    void noPackagesFormACircle() {
        slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @ParameterizedTest
    @MethodSource("rooms")
    void aRoomSaysThatItMayImportTheFloorBelow(String room) throws Exception {
        int floor = 0;
        while (!FLOORS.get(floor).contains(room)) {
            floor++;
        }
        var said = new TreeSet<>(mayImport(room));
        said.removeIf(name -> name.startsWith(room + "."));
        assertEquals(new TreeSet<>(floor == 0 ? List.of() : FLOORS.get(floor - 1)), said);
    }

    @Test
    void aPackageImportsOnlyWhatItSaysThatItMay() throws Exception {
        var uses = new TreeMap<String, TreeSet<String>>();
        for (var type : CLASSES) {
            for (var dependency : type.getDirectDependenciesFromSelf()) {
                var target = dependency.getTargetClass().getBaseComponentType().getPackageName();
                if (target.startsWith(ROOT + ".")) {
                    uses.computeIfAbsent(inRoot(type.getPackageName()), p -> new TreeSet<>())
                            .add(inRoot(target));
                }
            }
        }
        var unsaid = new TreeMap<String, TreeSet<String>>();
        for (var name : uses.keySet()) {
            var more = new TreeSet<>(uses.get(name));
            more.remove(name);
            more.removeAll(reach(name, uses.keySet()));
            if (!more.isEmpty()) {
                unsaid.put(name, more);
            }
        }
        assertEquals(new TreeMap<>(), unsaid);
    }

    /** What a package names and what these may import; of another room all that is in it. */
    private static TreeSet<String> reach(String from, Set<String> packages) throws Exception {
        var reached = new TreeSet<String>();
        var open = new ArrayDeque<>(List.of(from));
        while (!open.isEmpty()) {
            var name = open.pop();
            for (var may : mayImport(name)) {
                var all = new TreeSet<>(List.of(may));
                if (!roomOf(may).equals(roomOf(name))) {
                    packages.stream().filter(p -> roomOf(p).equals(may)).forEach(all::add);
                }
                all.removeAll(reached);
                reached.addAll(all);
                open.addAll(all);
            }
        }
        return reached;
    }

    private static List<String> mayImport(String name) throws Exception {
        var source = Path.of("src/main/java", ROOT.replace('.', '/'), name.replace('.', '/'));
        var line = MAY_IMPORT.matcher(Files.readString(source.resolve("package-info.java")));
        assertTrue(line.find(), name + " does not say what it may import");
        return NAMED.matcher(line.group(1)).results().map(found -> found.group(1)).toList();
    }

    private static String inRoot(String packageName) {
        return packageName.substring(ROOT.length() + 1);
    }

    private static String roomOf(String name) {
        return name.split("\\.")[0];
    }

    private static String within(String room, String part) {
        return part.equals(".") ? room : room + "." + part + "..";
    }

    @Test
    void everyClassIsInARoom() {
        var known = rooms().toList();
        var lost = new TreeSet<String>();
        for (var type : CLASSES) {
            var rest = type.getPackageName().substring(ROOT.length()).replaceFirst("^\\.", "");
            if (!rest.isEmpty() && !known.contains(rest.split("\\.")[0])) {
                lost.add(type.getName());
            }
        }
        assertEquals(new TreeSet<>(), lost);
    }

    @Test
    void theGroundFloorKnowsNoEngine() {
        noClasses()
                .that()
                .resideInAnyPackage(in("linalg"), in("config"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("ai.djl..")
                .check(CLASSES);
    }

    /** And none is so large that a reader has to search in it. */
    @Test
    void packagesSayWhatTheyAreFor() throws Exception {
        var missing = new TreeSet<String>();
        var large = new TreeSet<String>();
        var sizes = new HashMap<String, Integer>();
        for (var type : CLASSES) {
            if (type.isTopLevelClass() && !type.getSimpleName().equals("package-info")) {
                sizes.merge(type.getPackageName(), 1, Integer::sum);
            }
        }
        for (var name : sizes.keySet()) {
            var source = Path.of("src/main/java", name.replace('.', '/'), "package-info.java");
            if (!Files.exists(source)) {
                missing.add(name);
            }
            if (sizes.get(name) > MOST_CLASSES) {
                large.add(name + " has " + sizes.get(name));
            }
        }
        assertEquals(new TreeSet<>(), missing);
        assertEquals(new TreeSet<>(), large);
    }

    private static String in(String room) {
        return ROOT + "." + room + "..";
    }
}
