package org.lowrank.experiment.run;

import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import org.lowrank.config.Extensions;

/** What a worker process must have on its class path. */
public final class ClassPath {

    private ClassPath() {}

    /**
     * The jar of this library, whose manifest names all else, and the jars that brought names of
     * their own; if it runs unpacked, what this process reads classes from. (A notebook kernel's
     * own class path does not hold the library.)
     */
    public static String ofThisProcess() {
        var source = source();
        var own = System.getProperty("java.class.path");
        boolean holdsIt = own.contains(source.toString());
        var places = new LinkedHashSet<String>();
        places.add(holdsIt ? own : source.toString());
        if (!holdsIt && Files.isDirectory(source)) {
            Extensions.readBy(ClassPath.class).forEach(place -> places.add(place.toString()));
        }
        Extensions.classPath().forEach(place -> places.add(place.toString()));
        return String.join(File.pathSeparator, places);
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
