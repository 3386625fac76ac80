package org.lowrank.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.lowrank.config.Json;
import org.lowrank.engine.AtomicFile;

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

    private static final Pattern WEIGHTS =
            Pattern.compile("model.*\\.safetensors(\\.index\\.json)?");

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
        var header = header(ordered, new TreeMap<>(metadata));
        AtomicFile.write(
                file,
                out -> {
                    var length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
                    out.write(length.putLong(header.length).array());
                    out.write(header);
                    for (var entry : ordered) {
                        write(out, entry.getKey(), entry.getValue());
                    }
                });
    }

    private static void write(OutputStream out, String name, TensorData tensor) throws IOException {
        var counted = new CountedOutput(out);
        try {
            tensor.content().writeTo(counted);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
        }
        if (counted.count != tensor.length()) {
            throw new IllegalArgumentException(
                    String.format(
                            "%s: %d bytes given for %s %s",
                            name, counted.count, tensor.type(), tensor.shape()));
        }
    }

    /** Passes bytes on and counts them. */
    private static final class CountedOutput extends FilterOutputStream {

        private long count;

        CountedOutput(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
            count++;
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            out.write(bytes, from, length);
            count += length;
        }
    }

    /**
     * Writes the weights of a model into a folder as Hugging Face's libraries find them: one file,
     * or, if it would be larger than {@code largest} bytes, several with their index. The index is
     * written last, so that a folder is whole or not to be opened.
     *
     * @param tensors in the order in which files take them
     * @throws MalformedFileException if the folder holds other weights already
     */
    public static void writeModel(Path folder, Map<String, TensorData> tensors, long largest)
            throws IOException {
        refuseOthers(folder);
        var shards = new ArrayList<Map<String, TensorData>>();
        long total = 0;
        long inShard = 0;
        for (var entry : tensors.entrySet()) {
            long length = entry.getValue().length();
            if (shards.isEmpty() || inShard + length > largest && inShard > 0) {
                shards.add(new LinkedHashMap<>());
                inShard = 0;
            }
            shards.get(shards.size() - 1).put(entry.getKey(), entry.getValue());
            inShard += length;
            total += length;
        }
        if (shards.size() <= 1) {
            write(folder.resolve(ShardedSafetensors.SINGLE), tensors);
            return;
        }
        var fileOf = new TreeMap<String, String>();
        for (int i = 0; i < shards.size(); i++) {
            var name =
                    String.format(
                            Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, shards.size());
            write(folder.resolve(name), shards.get(i));
            shards.get(i).keySet().forEach(tensor -> fileOf.put(tensor, name));
        }
        var index =
                Json.pretty(Map.of("metadata", Map.of("total_size", total), "weight_map", fileOf));
        AtomicFile.write(
                folder.resolve(ShardedSafetensors.INDEX),
                out -> out.write(index.getBytes(StandardCharsets.UTF_8)));
    }

    /** Weights of another writing beside these would be opened in their place. */
    private static void refuseOthers(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (var files = Files.list(folder)) {
            var other =
                    files.filter(file -> WEIGHTS.matcher(file.getFileName().toString()).matches())
                            .findFirst();
            if (other.isPresent()) {
                throw new MalformedFileException(
                        other.get(),
                        "file",
                        "is there already, and a second model in its folder would be mixed up with"
                                + " it: write into an empty folder, or delete it first");
            }
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
}
