package org.lowrank.config;

import java.io.File;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/** The extensions that this process has found, and what a worker needs to find them too. */
public final class Extensions {

    private static final ReentrantLock LOCK = new ReentrantLock();
    private static final Set<Class<?>> FOUND = new LinkedHashSet<>();

    /** The one whose {@link Extension#register} is under way, null if none is. */
    private static Extension entering;

    private Extensions() {}

    /**
     * Lets those register that have not yet. A jar that a notebook loads later is found as well: a
     * registry asks again before it says that it does not know a name.
     *
     * @throws IllegalStateException if one cannot be loaded or registered
     */
    static void enter() {
        LOCK.lock();
        try {
            if (entering != null) {
                return;
            }
            var loaders = new LinkedHashSet<ClassLoader>();
            loaders.add(Extension.class.getClassLoader());
            loaders.add(Thread.currentThread().getContextClassLoader());
            loaders.stream()
                    .filter(Extensions::seesThisLibrary)
                    .flatMap(loader -> ServiceLoader.load(Extension.class, loader).stream())
                    .filter(provider -> FOUND.add(provider.type()))
                    .toList()
                    .forEach(Extensions::enter);
        } finally {
            LOCK.unlock();
        }
    }

    /** False for the loader of another copy of the library, as beside a notebook's own. */
    private static boolean seesThisLibrary(ClassLoader loader) {
        try {
            return loader != null && loader.loadClass(Extension.class.getName()) == Extension.class;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private static void enter(ServiceLoader.Provider<Extension> provider) {
        try {
            entering = provider.get();
            entering.register();
        } catch (RuntimeException | LinkageError | ServiceConfigurationError e) {
            FOUND.remove(provider.type()); // to be told of at the next name as well
            throw new IllegalStateException(
                    "the extension %s cannot be registered: %s"
                            .formatted(provider.type().getName(), e.getMessage()),
                    e);
        } finally {
            entering = null;
        }
    }

    /** True while this thread is in {@link Extension#register}: what is registered is a jar's. */
    static boolean isEntering() {
        return LOCK.isHeldByCurrentThread() && entering != null;
    }

    /**
     * Jars and folders that a process needs beside this library to know the same names: all that
     * the loaders of the extensions read from.
     */
    public static List<Path> classPath() {
        enter();
        LOCK.lock();
        try {
            var own = place(Extension.class);
            var places = new LinkedHashSet<Path>();
            for (var type : FOUND) {
                var place = place(type);
                if (place != null && !place.equals(own)) {
                    places.add(place);
                    places.addAll(readBy(type));
                }
            }
            return new ArrayList<>(places);
        } finally {
            LOCK.unlock();
        }
    }

    /** What the loader of a class reads from, as far as it tells. */
    public static List<Path> readBy(Class<?> type) {
        return type.getClassLoader() instanceof URLClassLoader loader
                ? Arrays.stream(loader.getURLs()).flatMap(url -> files(url).stream()).toList()
                : List.of();
    }

    private static Path place(Class<?> type) {
        var source = type.getProtectionDomain().getCodeSource();
        var files = source == null ? List.<Path>of() : files(source.getLocation());
        return files.isEmpty() ? null : files.get(0);
    }

    private static List<Path> files(URL url) {
        try {
            return url.getProtocol().equals("file")
                    ? List.of(new File(new URI(url.toString())).toPath())
                    : List.of();
        } catch (URISyntaxException e) {
            return List.of();
        }
    }
}
