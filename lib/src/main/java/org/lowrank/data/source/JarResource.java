package org.lowrank.data.source;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * One entry of the jar of an artifact.
 *
 * @param entry the name of the entry, without a leading slash
 */
public record JarResource(MavenArtifact artifact, String entry) {

    public JarResource {
        if (entry.isEmpty() || entry.startsWith("/")) {
            throw new IllegalArgumentException(
                    "the name of a jar entry has no leading slash and is not empty, but it is '"
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
        var path = repository.resolve(artifact);
        ZipFile zip;
        try {
            zip = new ZipFile(path.toFile());
        } catch (ZipException e) {
            throw new IOException(
                    path + " is not a readable jar; delete it, and it is fetched anew", e);
        }
        ZipEntry found = zip.getEntry(entry);
        if (found == null) {
            zip.close();
            throw new IOException(path + " has no entry " + entry + "; is it the right artifact?");
        }
        return new FilterInputStream(zip.getInputStream(found)) {
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
    }

    /** {@code groupId:artifactId:version!entry}, as error messages name it. */
    @Override
    public String toString() {
        return artifact + "!" + entry;
    }
}
