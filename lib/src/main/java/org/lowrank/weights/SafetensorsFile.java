package org.lowrank.weights;

import java.io.IOException;
import java.nio.file.Path;

/** Opens one safetensors file of any length: reads and checks its header only. */
public final class SafetensorsFile {

    private static final int LENGTH_BYTES = 8;

    private SafetensorsFile() {}

    /**
     * Opens a file and checks its header.
     *
     * @throws MalformedFileException if it is not a well-formed safetensors file
     * @throws IOException if it cannot be read
     */
    public static TensorSource open(Path path) throws IOException {
        return MappedTensors.open(path, SafetensorsFile::read);
    }

    private static MappedTensors read(MappedFile file) throws IOException {
        var path = file.path();
        long length = file.length();
        if (length < LENGTH_BYTES) {
            throw refusal(path, "the file has only " + length + " of its 8 bytes");
        }
        long headerLength = file.bytes(0, LENGTH_BYTES).getLong();
        if (headerLength < 2 || headerLength > StrictJson.LARGEST) {
            throw refusal(
                    path,
                    String.format(
                            "%s is not between 2 and %d (the file has %d bytes)",
                            Long.toUnsignedString(headerLength), StrictJson.LARGEST, length));
        }
        long dataStart = LENGTH_BYTES + headerLength;
        if (dataStart > length) {
            throw refusal(
                    path,
                    headerLength + " reaches beyond the end of a file of " + length + " bytes");
        }
        var bytes = file.bytes(LENGTH_BYTES, (int) headerLength);
        var json = StrictJson.utf8(path, "header", bytes);
        var header = SafetensorsHeader.parse(path, json, dataStart, length);
        return new MappedTensors(path, file, header.tensors(), header.metadata());
    }

    private static MalformedFileException refusal(Path file, String reason) {
        return new MalformedFileException(file, "header length", reason);
    }
}
