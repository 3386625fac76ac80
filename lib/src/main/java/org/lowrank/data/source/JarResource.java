package org.lowrank.data.source;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.util.UUID;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.apache.commons.io.FileUtils;
import org.lowrank.engine.AtomicFile;
import org.lowrank.engine.Checksums;

/**
 * One entry of the jar of an artifact.
 *
 * <p>Large ones are unpacked once into the cache, where they can be mapped and are shared by all
 * processes: {@code unpacked} of the {@link CacheFolder}.
 *
 * @param entry the name of the entry, without a leading slash
 */
public record JarResource(MavenArtifact artifact, String entry) {

    private static final int PORTION = 1 << 16;

    public JarResource {
        if (entry.isEmpty() || entry.startsWith("/") || entry.contains("..")) {
            throw new IllegalArgumentException(
                    "the name of a jar entry has no leading slash, no '..' and is not empty, but it"
                            + " is '"
                            + entry
                            + "'");
        }
    }

    /** Opens the entry in the repository of this machine, fetching the jar if it is not there. */
    public InputStream open() throws IOException {
        return open(LocalRepository.ofThisMachine());
    }

    /**
     * Opens the entry as a stream; closing the stream closes the jar.
     *
     * @throws ArtifactNotFoundException if the jar is neither here nor to be fetched
     * @throws IOException if the jar cannot be read, or has no such entry
     */
    public InputStream open(LocalRepository repository) throws IOException {
        var zip = jar(repository);
        try {
            return new FilterInputStream(zip.getInputStream(found(zip))) {
                @Override
                public int read(byte[] b, int off, int len) throws IOException {
                    return in.read(b, off, len);
                }

                @Override
                public void close() throws IOException {
                    try (zip) {
                        super.close();
                    }
                }
            };
        } catch (IOException | RuntimeException e) {
            zip.close();
            throw e;
        }
    }

    /**
     * The entry as a file of the cache, unpacked if it is not there or not whole: whenever it is
     * asked for, its length and checksum are compared with what the jar says.
     *
     * @param sha256 what it must have when it is unpacked, or null if what the jar has will do
     */
    public Path unpacked(String sha256) throws IOException {
        return unpacked(LocalRepository.ofThisMachine(), CacheFolder.ofThisMachine(), sha256);
    }

    Path unpacked(LocalRepository repository, Path cache, String sha256) throws IOException {
        try (var zip = jar(repository)) {
            var found = found(zip);
            var target = place(cache, found).resolve(Path.of(entry).getFileName().toString());
            if (isWhole(target, found)) {
                return target;
            }
            var digest = Checksums.digest();
            try (var in = new DigestInputStream(zip.getInputStream(found), digest)) {
                AtomicFile.write(
                        target,
                        out -> {
                            in.transferTo(out);
                            var sum = Checksums.hex(digest);
                            if (sha256 != null && !sha256.equals(sum)) {
                                throw new IOException(
                                        this
                                                + " is not the file that was published: its sha256"
                                                + " should be "
                                                + sha256
                                                + " but is "
                                                + sum
                                                + "; it was altered. Delete "
                                                + zip.getName()
                                                + ", and it is fetched anew");
                            }
                        });
            }
            if (!isWhole(target, found)) {
                throw new IOException(
                        "%s is damaged in %s; delete it, and it is fetched anew"
                                .formatted(zip.getName(), entry));
            }
            return target;
        }
    }

    /**
     * The folder of the cache into which the entry, which is a zip itself, is unpacked if it is not
     * there.
     */
    public Path unpackedZip() throws IOException {
        return unpackedZip(LocalRepository.ofThisMachine(), CacheFolder.ofThisMachine());
    }

    Path unpackedZip(LocalRepository repository, Path cache) throws IOException {
        try (var zip = jar(repository)) {
            var found = found(zip);
            var target = place(cache, found);
            if (Files.isDirectory(target)) {
                return target;
            }
            Files.createDirectories(target.getParent());
            var fresh =
                    Files.createDirectory(
                            target.resolveSibling(
                                    "." + target.getFileName() + "." + UUID.randomUUID()));
            try (var in = new ZipInputStream(zip.getInputStream(found))) {
                int entries = 0;
                for (var next = in.getNextEntry(); next != null; next = in.getNextEntry()) {
                    var file = fresh.resolve(next.getName()).normalize();
                    if (!next.isDirectory() && file.startsWith(fresh)) {
                        AtomicFile.write(file, in::transferTo); // which compares the checksum
                        entries++;
                    }
                }
                if (entries == 0) {
                    throw new IOException(this + " is no zip of files; is it the right artifact?");
                }
                Files.move(fresh, target);
            } catch (FileSystemException e) {
                if (!Files.isDirectory(target)) { // else another process was faster
                    throw e;
                }
            } finally {
                FileUtils.deleteDirectory(fresh.toFile());
            }
            return target;
        }
    }

    /** A folder whose name changes with the content of the entry. */
    private Path place(Path cache, ZipEntry found) {
        return cache.resolve("unpacked")
                .resolve(artifact.artifactId() + "-" + artifact.version())
                .resolve(
                        String.format(
                                "%s-%08x",
                                entry.replaceAll("[^A-Za-z0-9.-]", "_"), found.getCrc()));
    }

    private static boolean isWhole(Path file, ZipEntry found) throws IOException {
        if (!Files.isRegularFile(file) || Files.size(file) != found.getSize()) {
            return false;
        }
        try (var in = new CheckedInputStream(Files.newInputStream(file), new CRC32())) {
            var portion = new byte[PORTION];
            while (in.read(portion) >= 0) {
                continue;
            }
            return in.getChecksum().getValue() == found.getCrc();
        }
    }

    private ZipFile jar(LocalRepository repository) throws IOException {
        var path = repository.resolve(artifact);
        try {
            return new ZipFile(path.toFile());
        } catch (ZipException e) {
            throw new IOException(
                    path + " is not a readable jar; delete it, and it is fetched anew", e);
        }
    }

    private ZipEntry found(ZipFile zip) throws IOException {
        var found = zip.getEntry(entry);
        if (found == null) {
            throw new IOException(
                    zip.getName() + " has no entry " + entry + "; is it the right artifact?");
        }
        return found;
    }

    /** {@code groupId:artifactId:version!entry}, as error messages name it. */
    @Override
    public String toString() {
        return artifact + "!" + entry;
    }
}
