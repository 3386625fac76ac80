package org.lowrank.kernel;

import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The text of a POM around what a notebook names. */
final class MavenPom {

    private static final Pattern REPOSITORY =
            Pattern.compile("<repository>.*?</repository>", Pattern.DOTALL);
    private static final Pattern LISTS = Pattern.compile("</?(dependencies|repositories)\\s*>");

    private MavenPom() {}

    static String ofCoordinates(List<String> coordinates, Map<String, String> repositories) {
        return project(
                coordinates.stream().map(MavenPom::dependency).collect(Collectors.joining()),
                written(repositories));
    }

    /** Of loose {@code <dependency>} and {@code <repository>} elements, in lists or not. */
    static String ofElements(String text, Map<String, String> repositories) {
        String loose = LISTS.matcher(text).replaceAll("");
        String own =
                REPOSITORY
                        .matcher(loose)
                        .results()
                        .map(MatchResult::group)
                        .collect(Collectors.joining());
        return project(REPOSITORY.matcher(loose).replaceAll(""), written(repositories) + own);
    }

    private static String written(Map<String, String> repositories) {
        return repositories.entrySet().stream()
                .map(
                        r ->
                                "<repository>"
                                        + element("id", r.getKey())
                                        + element("url", r.getValue())
                                        + "</repository>")
                .collect(Collectors.joining());
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
        String text = value.replace("&", "&amp;").replace("<", "&lt;");
        return "<" + name + ">" + text + "</" + name + ">";
    }

    private static String project(String dependencies, String repositories) {
        return "<project xmlns=\"http://maven.apache.org/POM/4.0.0\"><modelVersion>4.0.0</modelVersion>"
                + "<groupId>notebook</groupId><artifactId>notebook</artifactId><version>0</version>"
                + "<repositories>"
                + repositories
                + "</repositories><dependencies>"
                + dependencies
                + "</dependencies></project>";
    }
}
