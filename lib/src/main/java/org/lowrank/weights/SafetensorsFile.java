package org.lowrank.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * One open safetensors file of any length. Opening reads and checks the header only; tensors are
 * views of the mapped file.
 */
public final class SafetensorsFile implements TensorSource {

    private static final int LENGTH_BYTES = 8;

    private final MappedFile file;
    private final SafetensorsHeader header;
    private final long dataStart;

    private SafetensorsFile(MappedFile file) throws IOException {
        this.file = file;
        long length = file.length();
        if (length < LENGTH_BYTES) {
            throw refusal("header length", "the file has only " + length + " of its 8 bytes");
        }
        long headerLength = file.bytes(0, LENGTH_BYTES).getLong();
        if (headerLength < 2 || headerLength > StrictJson.LARGEST) {
            throw refusal(
                    "header length",
                    Long.toUnsignedString(headerLength)
                            + " is not between 2 and "
                            + StrictJson.LARGEST
                            + " (the file has "
                            + length
                            + " bytes)");
        }
        dataStart = LENGTH_BYTES + headerLength;
        if (dataStart > length) {
            throw refusal(
                    "header length",
                    headerLength + " reaches beyond the end of a file of " + length + " bytes");
        }
        var bytes = file.bytes(LENGTH_BYTES, (int) headerLength);
        var json = StrictJson.utf8(file.path(), "header", bytes);
        header = SafetensorsHeader.parse(file.path(), json, length - dataStart);
    }

    /**
     * Opens a file and checks its header.
     *
     * @throws MalformedFileException if it is not a well-formed safetensors file
     * @throws IOException if it cannot be read
     */
    @SuppressWarnings("resource") // the file is closed with this, or here on a refusal
    public static SafetensorsFile open(Path path) throws IOException {
        var file = MappedFile.open(path);
        try {
            return new SafetensorsFile(file);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    @Override
    public Path file() {
        return file.path();
    }

    @Override
    public Set<String> names() {
        return header.tensors().keySet();
    }

    @Override
    public Map<String, Object> metadata() {
        return header.metadata();
    }

    @Override
    public TensorInfo info(String name) throws IOException {
        return place(name).info();
    }

    @Override
    public ByteBuffer bytes(String name, long from, int count) throws IOException {
        var place = place(name);
        Elements.checkBytes(this, place.info(), from, count);
        return file.bytes(dataStart + place.begin() + from, count);
    }

    /** Where a tensor is; its begin is counted from the end of the header. */
    SafetensorsHeader.Place place(String name) throws MalformedFileException {
        var place = header.tensors().get(name);
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
        return new MalformedFileException(file.path(), field, reason);
    }
}
