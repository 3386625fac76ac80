package org.lowrank.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes safetensors files as the reference implementation lays them out: widest element type
 * first, then by name; header without blanks, filled with blanks to a multiple of 8 bytes. The same
 * tensors give the same bytes.
 */
public final class SafetensorsWriter {

    /** What PyTorch's libraries expect to find. */
    public static final Map<String, String> PYTORCH = Map.of("format", "pt");

    private static final Comparator<Map.Entry<String, TensorData>> LAYOUT =
            Comparator.comparing((Map.Entry<String, TensorData> e) -> e.getValue().type())
                    .reversed()
                    .thenComparing(Map.Entry::getKey);

    private SafetensorsWriter() {}

    /**
     * Writes {@code tensors} with the remark that they are PyTorch's.
     *
     * @throws IOException if the file cannot be written; a file that stood in its place is then
     *     unharmed
     */
    public static void write(Path file, Map<String, TensorData> tensors) throws IOException {
        write(file, tensors, PYTORCH);
    }

    /** As {@link #write(Path, Map)}, with other remarks. */
    public static void write(
            Path file, Map<String, TensorData> tensors, Map<String, String> metadata)
            throws IOException {
        if (tensors.containsKey("__metadata__")) {
            throw new MalformedFileException(file, "__metadata__", "is no name for a tensor");
        }
        var ordered = new ArrayList<>(tensors.entrySet());
        ordered.sort(LAYOUT);
        var folder = file.toAbsolutePath().getParent();
        Files.createDirectories(folder);
        var temporary = Files.createTempFile(folder, file.getFileName() + ".", ".part");
        try {
            writeTo(temporary, ordered, header(ordered, new TreeMap<>(metadata)));
            Files.move(
                    temporary,
                    file,
                    StandardCopyOption.REPLACE_EXISTING,
                    StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static void writeTo(
            Path file, List<Map.Entry<String, TensorData>> tensors, byte[] header)
            throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            var length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            writeFully(channel, length.putLong(header.length).flip());
            writeFully(channel, ByteBuffer.wrap(header));
            for (var entry : tensors) {
                var bytes = entry.getValue().bytes().get();
                if (bytes.remaining() != entry.getValue().length()) {
                    throw new MalformedFileException(
                            file,
                            entry.getKey(),
                            bytes.remaining()
                                    + " bytes given for "
                                    + entry.getValue().type()
                                    + " "
                                    + entry.getValue().shape());
                }
                writeFully(channel, bytes);
            }
            channel.force(true);
        }
    }

    private static byte[] header(
            List<Map.Entry<String, TensorData>> tensors, SortedMap<String, String> metadata)
            throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var json = new JsonFactory().createGenerator(bytes)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeObjectFieldStart("__metadata__");
                for (var entry : metadata.entrySet()) {
                    json.writeStringField(entry.getKey(), entry.getValue());
                }
                json.writeEndObject();
            }
            long begin = 0;
            for (var entry : tensors) {
                long end = Math.addExact(begin, entry.getValue().length());
                writeEntry(json, entry.getKey(), entry.getValue(), begin, end);
                begin = end;
            }
            json.writeEndObject();
        }
        while (bytes.size() % Long.BYTES != 0) {
            bytes.write(' ');
        }
        return bytes.toByteArray();
    }

    private static void writeEntry(
            JsonGenerator json, String name, TensorData tensor, long begin, long end)
            throws IOException {
        json.writeObjectFieldStart(name);
        json.writeStringField("dtype", tensor.type().name());
        json.writeArrayFieldStart("shape");
        for (long size : tensor.shape()) {
            json.writeNumber(size);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("data_offsets");
        json.writeNumber(begin);
        json.writeNumber(end);
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
