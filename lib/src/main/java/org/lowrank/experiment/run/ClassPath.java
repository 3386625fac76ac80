package org.lowrank.experiment.run;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a worker process must have on its class path. */
final class ClassPath {

    private ClassPath() {}

    /**
     * The jar of this library, whose manifest names all else; if it runs unpacked, the class path
     * of this process. (A notebook kernel's own class path does not hold the library.)
     */
    static String ofThisLibrary() {
        var source = source();
        var all = System.getProperty("java.class.path");
        return Files.isDirectory(source) || all.contains(source.toString())
                ? all
                : source.toString();
    }

    /**
     * Java options that start a process from the archive of classes beside the jar, if there is one
     * ({@code environment/setup} makes it): a third of the start is saved. Java looks whether the
     * archive fits, and loads classes as ever if it does not.
     */
    static List<String> archive() {
        var archive = source().resolveSibling("lowrank.jsa");
        return Files.isRegularFile(source()) && Files.exists(archive)
                ? List.of(
                        "-XX:SharedArchiveFile=" + archive,
                        "-Xlog:cds=off",
                        "-Xlog:cds+dynamic=off",
                        "-Xlog:class+path=off")
                : List.of();
    }

    private static Path source() {
        try {
            return Path.of(
                    ClassPath.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("cannot tell where the library lies", e);
        }
    }
}
