package org.lowrank.spark;

import java.io.File;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * What a run needs on an executor's machine: the library, and data. What lies there at the same
 * path is used after a look at its checksum; what is shipped lies in the shared folder by its
 * checksum, is fetched once a machine, whoever asks first, and is checked when it has come.
 *
 * @param shared where shipped files lie
 * @param library jars and folders of the worker's class path
 * @param data files of the data folder that are shipped; the executor's own folder if there are
 *     none
 */
record Shipment(SharedRuns shared, List<Item> library, List<Item> data) implements Serializable {

    private static final String FOLDER = "shipped";

    /** Of files that this process has checked: one look is enough. */
    private static final ConcurrentHashMap<Item, Path> CHECKED = new ConcurrentHashMap<>();

    /**
     * One file.
     *
     * @param place where it lies on the driver's machine
     * @param name where it is to lie, below the data folder or the class path's
     * @param sha256 empty where it is not looked at
     * @param shipped whether it lies in the shared folder
     */
    record Item(String place, String name, String sha256, boolean shipped)
            implements Serializable {}

    Shipment {
        library = new ArrayList<>(library);
        data = new ArrayList<>(data);
    }

    /**
     * What the driver has.
     *
     * @param shipsLibrary whether executors lack the library at this machine's path
     * @param dataRoot the data folder of this machine
     * @param names files or folders in it that are shipped
     */
    static Shipment of(
            SharedRuns shared,
            String classPath,
            boolean shipsLibrary,
            Path dataRoot,
            List<String> names)
            throws IOException {
        var library = new ArrayList<Item>();
        for (var place : places(classPath)) {
            boolean jar = Files.isRegularFile(place);
            if (!jar && shipsLibrary) {
                throw new IllegalArgumentException(
                        place + " is a folder of classes; build a jar to ship the library");
            }
            var name = library.size() + "/" + place.getFileName();
            // in place, the library's own jar tells for those beside it
            boolean checked = jar && (shipsLibrary || library.isEmpty());
            var sum = checked ? sha256(place) : "";
            library.add(new Item(place.toString(), name, sum, shipsLibrary));
        }
        var data = new ArrayList<Item>();
        for (var name : names) {
            var start = dataRoot.resolve(name);
            if (!Files.exists(start)) {
                throw new IllegalArgumentException(
                        "lowrank.ship names " + name + ", which is not in " + dataRoot);
            }
            try (var files = Files.walk(start)) {
                for (var file : files.filter(Files::isRegularFile).sorted().toList()) {
                    var relative = dataRoot.relativize(file).toString();
                    data.add(new Item(file.toString(), relative, sha256(file), true));
                }
            }
        }
        var all = new ArrayList<>(library);
        all.addAll(data);
        for (var item : all) {
            if (item.shipped()) {
                shared.putOnce(Path.of(item.place()), FOLDER + "/" + item.sha256());
            }
        }
        return new Shipment(shared, library, data);
    }

    /** The entries of a class path, and what the manifests of its jars name. */
    private static LinkedHashSet<Path> places(String classPath) throws IOException {
        var places = new LinkedHashSet<Path>();
        for (var entry : classPath.split(File.pathSeparator)) {
            var place = Path.of(entry).toAbsolutePath();
            if (!Files.exists(place)) {
                continue;
            }
            places.add(place);
            if (Files.isRegularFile(place)) {
                try (var jar = new java.util.jar.JarFile(place.toFile())) {
                    var manifest = jar.getManifest();
                    var named =
                            manifest == null
                                    ? null
                                    : manifest.getMainAttributes().getValue("Class-Path");
                    for (var other : named == null ? new String[0] : named.split(" ")) {
                        var beside = place.resolveSibling(other);
                        if (Files.exists(beside)) {
                            places.add(beside);
                        }
                    }
                }
            }
        }
        return places;
    }

    /**
     * The worker's class path on this machine.
     *
     * @throws IOException if a file is not there or is another one; the message says which
     */
    String classPath() throws IOException {
        var places = new ArrayList<String>();
        for (var item : library) {
            places.add(here(item).toString());
        }
        return places.stream().collect(Collectors.joining(File.pathSeparator));
    }

    /** The data folder with what was shipped; empty if nothing was. */
    Optional<String> dataRoot() throws IOException {
        if (data.isEmpty()) {
            return Optional.empty();
        }
        var names = data.stream().map(Item::sha256).collect(Collectors.joining());
        var root = cache().resolve("data-" + digest(names));
        for (var item : data) {
            var link = root.resolve(item.name());
            if (!Files.exists(link)) {
                var file = here(item);
                Files.createDirectories(link.getParent());
                try {
                    Files.createLink(link, file);
                } catch (FileAlreadyExistsException e) {
                    // another task was faster
                }
            }
        }
        return Optional.of(root.toString());
    }

    private Path here(Item item) throws IOException {
        try {
            return CHECKED.computeIfAbsent(item, this::checked);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private Path checked(Item item) {
        try {
            return item.shipped() ? fetched(item) : inPlace(item);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path inPlace(Item item) throws IOException {
        var place = Path.of(item.place());
        if (!Files.exists(place)) {
            throw new IOException(
                    place
                            + " is not on this machine: put the library at the same path on every"
                            + " machine, or have it shipped (--spark-conf lowrank.ship=library)");
        }
        if (!item.sha256().isEmpty() && !sha256(place).equals(item.sha256())) {
            throw new IOException(
                    place + " is another file on this machine than on the driver's (SHA-256)");
        }
        return place;
    }

    /** Under a lock, so that of all tasks of this machine one fetches. */
    private Path fetched(Item item) throws IOException {
        var cache = Files.createDirectories(cache().resolve(item.sha256()));
        var file = cache.resolve(Path.of(item.name()).getFileName().toString());
        try (var lock =
                FileChannel.open(
                        cache.resolve(".lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE)) {
            lock.lock();
            if (!Files.exists(file) || !sha256(file).equals(item.sha256())) {
                shared.get(FOLDER + "/" + item.sha256(), file);
                if (!sha256(file).equals(item.sha256())) {
                    Files.delete(file);
                    throw new IOException(
                            shared.root()
                                    + "/"
                                    + FOLDER
                                    + "/"
                                    + item.sha256()
                                    + " does not hold what its name says ("
                                    + item.name()
                                    + "); remove it and run again");
                }
            }
        }
        return file;
    }

    private static Path cache() {
        var given = System.getenv("LOWRANK_SHIPPED");
        return given == null || given.isBlank()
                ? Path.of(System.getProperty("user.home"), ".cache", "lowrank", FOLDER)
                : Path.of(given);
    }

    static String sha256(Path file) throws IOException {
        var digest = digest();
        try (var in = Files.newInputStream(file)) {
            var buffer = new byte[1 << 16];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static String digest(String text) {
        return HexFormat.of().formatHex(digest().digest(text.getBytes())).substring(0, 16);
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no SHA-256", e);
        }
    }
}
