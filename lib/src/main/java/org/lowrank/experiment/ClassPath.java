package org.lowrank.experiment;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a worker process must have on its class path. */
final class ClassPath {

    private ClassPath() {}

    /**
     * The jar of this library, whose manifest names all else; if it runs unpacked, the class path
     * of this process. (A notebook kernel's own class path does not hold the library.)
     */
    static String ofThisLibrary() {
        try {
            var source =
                    Path.of(
                            ClassPath.class
                                    .getProtectionDomain()
                                    .getCodeSource()
                                    .getLocation()
                                    .toURI());
            var all = System.getProperty("java.class.path");
            return Files.isDirectory(source) || all.contains(source.toString())
                    ? all
                    : source.toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("cannot tell where the library lies", e);
        }
    }
}
