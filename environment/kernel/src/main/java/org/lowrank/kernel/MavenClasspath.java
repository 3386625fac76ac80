package org.lowrank.kernel;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Class paths of Maven coordinates and POMs, by asking the machine's own {@code mvn}. */
final class MavenClasspath {

    private static final String GOAL =
            "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath";

    private MavenClasspath() {}

    /**
     * Jars of coordinates and of all that they need at run time.
     *
     * @param coordinates {@code group:artifact[:type[:classifier]]:version} each
     */
    static List<String> ofCoordinates(List<String> coordinates)
            throws IOException, InterruptedException {
        return ofPomText(
                coordinates.stream().map(MavenClasspath::dependency).collect(Collectors.joining()));
    }

    /** Jars of a POM, or of its {@code <dependency>} elements alone. */
    static List<String> ofPomText(String text) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("notebook-pom");
        Path pom = folder.resolve("pom.xml");
        try {
            Files.writeString(pom, text.contains("<project") ? text : project(text));
            return resolve(pom);
        } finally {
            Files.deleteIfExists(pom);
            Files.deleteIfExists(folder);
        }
    }

    /** Compiled classes, if there are any, and jars of a POM file. */
    static List<String> ofPom(Path pom) throws IOException, InterruptedException {
        if (!Files.isRegularFile(pom)) {
            throw new IOException("no POM at " + pom.toAbsolutePath().normalize());
        }
        List<String> paths = new ArrayList<>();
        Path classes = pom.toAbsolutePath().resolveSibling("target").resolve("classes").normalize();
        if (Files.isDirectory(classes)) {
            paths.add(classes.toString());
        }
        paths.addAll(resolve(pom));
        return paths;
    }

    private static List<String> resolve(Path pom) throws IOException, InterruptedException {
        Path result = Files.createTempFile("notebook-classpath", ".txt");
        Path log = Files.createTempFile("notebook-mvn", ".log");
        try {
            run(pom, result, log);
            return Stream.of(Files.readString(result).strip().split(File.pathSeparator))
                    .filter(s -> !s.isEmpty())
                    .toList();
        } finally {
            Files.deleteIfExists(result);
            Files.deleteIfExists(log);
        }
    }

    private static void run(Path pom, Path result, Path log)
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
                        "-Dmdep.includeScope=runtime",
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

    private static String dependency(String coordinate) {
        String[] parts = coordinate.split(":");
        if (parts.length < 3 || parts.length > 5) {
            throw new IllegalArgumentException(
                    "\"" + coordinate + "\" is not group:artifact[:type[:classifier]]:version");
        }
        return "<dependency>"
                + element("groupId", parts[0])
                + element("artifactId", parts[1])
                + element("version", parts[parts.length - 1])
                + (parts.length > 3 ? element("type", parts[2]) : "")
                + (parts.length > 4 ? element("classifier", parts[3]) : "")
                + "</dependency>";
    }

    private static String element(String name, String value) {
        return "<"
                + name
                + ">"
                + value.replace("&", "&amp;").replace("<", "&lt;")
                + "</"
                + name
                + ">";
    }

    private static String project(String dependencies) {
        return "<project xmlns=\"http://maven.apache.org/POM/4.0.0\"><modelVersion>4.0.0</modelVersion>"
                + "<groupId>notebook</groupId><artifactId>notebook</artifactId><version>0</version><dependencies>"
                + dependencies
                + "</dependencies></project>";
    }
}
