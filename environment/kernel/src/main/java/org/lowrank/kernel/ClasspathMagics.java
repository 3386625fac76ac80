package org.lowrank.kernel;

import io.github.spencerpark.jupyter.kernel.magic.registry.Magics;
import io.github.spencerpark.jupyter.kernel.util.GlobFinder;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * {@code %classpath}, {@code %jars}, {@code %maven}, {@code %loadFromPOM} and {@code %mavenRepo},
 * with the other names that IJava has for them. Each returns what it added.
 */
final class ClasspathMagics {

    private final Consumer<String> classpath;
    private final MavenClasspath maven = new MavenClasspath();

    /**
     * @param classpath takes one entry at a time
     */
    ClasspathMagics(Consumer<String> classpath) {
        this.classpath = classpath;
    }

    void registerIn(Magics magics) {
        magics.registerLineMagic("classpath", this::addGlobs);
        magics.registerLineMagic("jars", this::addGlobs);
        for (String name : List.of("maven", "addMavenDependency", "addMavenDependencies")) {
            magics.registerLineMagic(name, arguments -> addAll(maven.ofCoordinates(arguments)));
        }
        for (String name : List.of("mavenRepo", "addMavenRepo")) {
            magics.registerLineMagic(name, maven::addRepository);
        }
        magics.registerLineMagic("loadFromPOM", arguments -> addAll(maven.ofPom(arguments)));
        magics.registerCellMagic(
                "loadFromPOM", (scopes, pom) -> addAll(maven.ofPomText(pom, scopes)));
    }

    /**
     * Adds paths and globs.
     *
     * @throws FileNotFoundException if one of them matches nothing, before any is added
     */
    List<String> addGlobs(List<String> globs) throws IOException {
        List<String> found = new ArrayList<>();
        for (String glob : globs) {
            List<String> matches = matches(glob);
            if (matches.isEmpty()) {
                throw new FileNotFoundException(
                        "nothing matches "
                                + glob
                                + " in the working directory "
                                + Path.of("").toAbsolutePath());
            }
            found.addAll(matches);
        }
        return addAll(found);
    }

    private static List<String> matches(String glob) throws IOException {
        if (Files.exists(Path.of(glob))) {
            return List.of(absolute(Path.of(glob)));
        }
        List<String> found = new ArrayList<>();
        new GlobFinder(glob).computeMatchingPaths().forEach(path -> found.add(absolute(path)));
        return found;
    }

    private static String absolute(Path path) {
        return path.toAbsolutePath().normalize().toString();
    }

    private List<String> addAll(List<String> entries) {
        entries.forEach(classpath);
        return entries;
    }
}
