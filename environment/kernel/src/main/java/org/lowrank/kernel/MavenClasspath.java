package org.lowrank.kernel;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Class paths of Maven coordinates and POMs, by asking the machine's own {@code mvn}. */
final class MavenClasspath {

    private static final String GOAL =
            "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath";

    /** Scopes as Maven includes them: {@code runtime} with compile, {@code test} with all. */
    private static final Set<String> SCOPES =
            Set.of("compile", "runtime", "test", "provided", "system", "import");

    private final Map<String, String> repositories = new LinkedHashMap<>();

    /**
     * Has coordinates and the POMs of cells looked up in one more repository; returns all of them.
     *
     * @param arguments id and URL
     */
    List<String> addRepository(List<String> arguments) {
        if (arguments.size() != 2 || !arguments.get(1).matches("[a-z][a-z0-9+.-]*:.+")) {
            throw new IllegalArgumentException(
                    "%mavenRepo takes an id and a URL, as in"
                            + " %mavenRepo mirror https://repo.example.org/maven2; not "
                            + arguments);
        }
        repositories.put(arguments.get(0), arguments.get(1));
        return List.copyOf(repositories.values());
    }

    /**
     * Jars of coordinates and of all that they need at run time.
     *
     * @param arguments {@code group:artifact[:type[:classifier]]:version} each; {@code --from ID}
     *     leaves the repositories out that it does not name
     */
    List<String> ofCoordinates(List<String> arguments) throws IOException, InterruptedException {
        List<String> coordinates = new ArrayList<>();
        Map<String, String> from = new LinkedHashMap<>();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (!argument.startsWith("--from")) {
                coordinates.add(argument);
                continue;
            }
            boolean apart = argument.equals("--from") && i + 1 < arguments.size();
            String id = apart ? arguments.get(++i) : argument.replaceFirst("--from=?", "");
            if (!repositories.containsKey(id)) {
                throw new IllegalArgumentException(
                        "--from " + id + ": %mavenRepo has named only " + repositories.keySet());
            }
            from.put(id, repositories.get(id));
        }
        if (coordinates.isEmpty()) {
            throw new IllegalArgumentException("%maven takes group:artifact:version, one or more");
        }
        return ofText(
                MavenPom.ofCoordinates(coordinates, from.isEmpty() ? repositories : from),
                List.of("runtime"));
    }

    /** Jars of a POM, or of its {@code <dependency>} and {@code <repository>} elements alone. */
    List<String> ofPomText(String text, List<String> scopes)
            throws IOException, InterruptedException {
        return ofText(
                text.contains("<project") ? text : MavenPom.ofElements(text, repositories), scopes);
    }

    private static List<String> ofText(String text, List<String> scopes)
            throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("notebook-pom");
        Path pom = folder.resolve("pom.xml");
        try {
            return resolve(Files.writeString(pom, text), scopes);
        } finally {
            Files.deleteIfExists(pom);
            Files.deleteIfExists(folder);
        }
    }

    /**
     * Compiled classes, if there are any, and jars of a POM file.
     *
     * @param arguments path of the POM, then scopes
     */
    List<String> ofPom(List<String> arguments) throws IOException, InterruptedException {
        if (arguments.isEmpty()) {
            throw new IllegalArgumentException(
                    "%loadFromPOM takes the path of a POM and, if you like, scopes");
        }
        Path pom = Path.of(arguments.get(0));
        if (!Files.isRegularFile(pom)) {
            throw new IOException("no POM at " + pom.toAbsolutePath().normalize());
        }
        List<String> paths = new ArrayList<>();
        Path classes = pom.toAbsolutePath().resolveSibling("target").resolve("classes").normalize();
        if (Files.isDirectory(classes)) {
            paths.add(classes.toString());
        }
        paths.addAll(resolve(pom, arguments.subList(1, arguments.size())));
        return paths;
    }

    private static List<String> resolve(Path pom, List<String> scopes)
            throws IOException, InterruptedException {
        Set<String> jars = new LinkedHashSet<>();
        for (String scope : scopes.isEmpty() ? List.of("runtime") : scopes) {
            if (!SCOPES.contains(scope)) {
                throw new IllegalArgumentException(
                        "\"" + scope + "\" is no scope of Maven; there are " + sorted(SCOPES));
            }
            if (!scope.equals("import")) { // of POMs alone, which are read in any case
                jars.addAll(resolve(pom, scope));
            }
        }
        return List.copyOf(jars);
    }

    private static List<String> sorted(Set<String> names) {
        return names.stream().sorted().toList();
    }

    private static List<String> resolve(Path pom, String scope)
            throws IOException, InterruptedException {
        Path result = Files.createTempFile("notebook-classpath", ".txt");
        Path log = Files.createTempFile("notebook-mvn", ".log");
        try {
            run(pom, scope, result, log);
            return Stream.of(Files.readString(result).strip().split(File.pathSeparator))
                    .filter(s -> !s.isEmpty())
                    .toList();
        } finally {
            Files.deleteIfExists(result);
            Files.deleteIfExists(log);
        }
    }

    private static void run(Path pom, String scope, Path result, Path log)
            throws IOException, InterruptedException {
        ProcessBuilder mvn =
                new ProcessBuilder(
                        "mvn",
                        "-B",
                        "-q",
                        "-ntp",
                        "-f",
                        pom.toString(),
                        GOAL,
                        "-Dmdep.outputFile=" + result,
                        "-Dmdep.includeScope=" + scope,
                        "-Dstyle.color=never");
        mvn.environment()
                .putIfAbsent("MAVEN_OPTS", "-XX:TieredStopAtLevel=1"); // a short run: start fast
        mvn.redirectErrorStream(true).redirectOutput(log.toFile());
        Process process;
        try {
            process = mvn.start();
        } catch (IOException e) {
            throw new IOException("%maven and %loadFromPOM need Maven: no mvn on the PATH", e);
        }
        try {
            if (process.waitFor() != 0) {
                throw new IOException(
                        "Maven could not resolve this:\n" + errors(Files.readString(log)));
            }
        } finally {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
        }
    }

    private static String errors(String log) {
        String errors =
                log.lines()
                        .filter(l -> l.startsWith("[ERROR]"))
                        .map(l -> l.substring(7).strip())
                        .takeWhile(l -> !l.isEmpty())
                        .collect(Collectors.joining("\n"));
        return errors.isEmpty() ? log : errors;
    }
}
