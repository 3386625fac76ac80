package org.lowrank.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32C;

/** Tensors whose bytes lie in one mapped file, at places that its reader found and checked. */
final class MappedTensors implements TensorSource {

    /** Of a place without a checksum. */
    static final long UNCHECKED = -1;

    private static final int PORTION = 1 << 24;

    /**
     * A tensor and where it is.
     *
     * @param begin its first byte in the file
     * @param crc32c its checksum, compared when the tensor is first read, or {@link #UNCHECKED}
     */
    record Place(TensorInfo info, long begin, long crc32c) {

        Place(TensorInfo info, long begin) {
            this(info, begin, UNCHECKED);
        }

        long end() {
            return begin + info.byteCount();
        }
    }

    /** Reads what a file says of its tensors. */
    @FunctionalInterface
    interface Reader {
        MappedTensors read(MappedFile file) throws IOException;
    }

    private final Path path;
    private final MappedFile file;
    private final Map<String, Place> places;
    private final Map<String, Object> metadata;
    private final Set<String> checked = ConcurrentHashMap.newKeySet();

    /**
     * @param path what messages name
     * @param places in the order of their bytes
     * @throws MalformedFileException if a tensor ends beyond the file, or two have one name
     */
    MappedTensors(
            Path path, MappedFile file, Collection<Place> places, Map<String, Object> metadata)
            throws MalformedFileException {
        this.path = path;
        this.file = file;
        var byName = new LinkedHashMap<String, Place>();
        for (var place : places) {
            var info = place.info();
            if (place.begin() > file.length() || info.byteCount() > file.length() - place.begin()) {
                throw refusal(
                        info.name(),
                        String.format(
                                "its %d bytes begin at %d and end beyond %s, which ends at byte %d:"
                                        + " it was cut off; fetch it again",
                                info.byteCount(),
                                place.begin(),
                                file.path().getFileName(),
                                file.length()));
            }
            if (byName.put(info.name(), place) != null) {
                throw refusal(info.name(), "stands twice in the file");
            }
        }
        this.places = Collections.unmodifiableMap(byName);
        this.metadata = Collections.unmodifiableMap(metadata);
    }

    /** Opens a file; it is closed with the source, or here if it is refused. */
    @SuppressWarnings("resource")
    static MappedTensors open(Path path, Reader reader) throws IOException {
        var file = MappedFile.open(path);
        try {
            return reader.read(file);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    @Override
    public Path file() {
        return path;
    }

    @Override
    public Set<String> names() {
        return places.keySet();
    }

    @Override
    public Map<String, Object> metadata() {
        return metadata;
    }

    @Override
    public TensorInfo info(String name) throws IOException {
        return place(name).info();
    }

    @Override
    public ByteBuffer bytes(String name, long from, int count) throws IOException {
        var place = place(name);
        var info = place.info();
        if (from < 0 || count < 0 || from > info.byteCount() - count) {
            throw refusal(
                    name,
                    String.format(
                            "bytes %d to %d asked for, it has %d",
                            from, from + count, info.byteCount()));
        }
        if (place.crc32c() != UNCHECKED && checked.add(name)) {
            check(place);
        }
        return file.bytes(place.begin() + from, count);
    }

    private void check(Place place) throws IOException {
        var crc = new CRC32C();
        for (long at = place.begin(); at < place.end(); at += PORTION) {
            crc.update(file.bytes(at, (int) Math.min(PORTION, place.end() - at)));
        }
        if (LevelDbTable.masked(crc) != place.crc32c()) {
            throw refusal(
                    place.info().name(),
                    String.format(
                            "should have the checksum %08x but has %08x: it was altered. Delete %s,"
                                    + " and it is fetched anew",
                            place.crc32c(), LevelDbTable.masked(crc), file.path()));
        }
    }

    /** Where a tensor is. */
    Place place(String name) throws MalformedFileException {
        var place = places.get(name);
        if (place == null) {
            throw refusal(name, "there is no tensor of this name");
        }
        return place;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private MalformedFileException refusal(String field, String reason) {
        return new MalformedFileException(path, field, reason);
    }
}
