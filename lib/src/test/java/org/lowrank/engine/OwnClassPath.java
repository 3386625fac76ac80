package org.lowrank.engine;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** For tests that start another process of this class path, whoever runs the tests. */
public final class OwnClassPath {

    private OwnClassPath() {}

    /** That of the class loader of a test class, else that of this process. */
    public static String of(Class<?> test) {
        return test.getClassLoader() instanceof URLClassLoader loader
                ? Stream.of(loader.getURLs())
                        .map(URL::getPath)
                        .collect(Collectors.joining(File.pathSeparator))
                : System.getProperty("java.class.path");
    }
}
