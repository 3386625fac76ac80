package org.lowrank.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lowrank.weights.MappedTensors.Place;

/**
 * What stands before the tensors of a GGUF file (ggml, docs/gguf.md): mark, version, metadata,
 * descriptions of the tensors. Every count and length is compared with what the file has left
 * before anything is made of it.
 *
 * @param metadata values as Java's: whole numbers of every width Long (unsigned ones of 64 bits by
 *     their bits), Float, Double, Boolean, String, and lists of these
 * @param tensors in the order of their bytes
 */
record GgufHeader(Map<String, Object> metadata, List<Place> tensors) {

    static final int MAGIC = 'G' | 'G' << 8 | 'U' << 16 | 'F' << 24;

    private static final int MOST_AXES = 8;
    private static final int DEEPEST = 4;
    private static final int ARRAY = 9;
    private static final int STRING = 8;

    /** The fewest bytes of a value of each type: lengths for texts, type and length for arrays. */
    private static final int[] LEAST_BYTES = {1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8};

    private static final int LEAST_ENTRY = 8 + 4 + 1;
    private static final int LEAST_TENSOR = 8 + 4 + 4 + 8;

    static GgufHeader read(MappedFile file) throws IOException {
        int window = (int) Math.min(file.length(), 1 << 30);
        return new Reader(file, file.bytes(0, window)).read();
    }

    private record Reader(MappedFile file, ByteBuffer in) {

        GgufHeader read() throws MalformedFileException {
            if (need(24, "header").getInt() != MAGIC) {
                throw refusal("header", "should begin with GGUF");
            }
            checkVersion(in.getInt());
            long tensorCount = count("tensor count", in.getLong(), LEAST_TENSOR);
            long entryCount = count("metadata count", in.getLong(), LEAST_ENTRY);
            var metadata = new LinkedHashMap<String, Object>();
            for (long i = 0; i < entryCount; i++) {
                var key = text("key " + i + " of the metadata");
                var value = value(key, need(4, key).getInt(), 0);
                if (metadata.put(key, value) != null) {
                    throw refusal(key, "stands twice in the metadata");
                }
            }
            long alignment = alignment(metadata);
            var tensors = new ArrayList<Place>();
            for (long i = 0; i < tensorCount; i++) {
                tensors.add(tensor("tensor " + i, alignment));
            }
            long dataStart = (in.position() + alignment - 1) / alignment * alignment;
            return new GgufHeader(metadata, laidOut(tensors, dataStart));
        }

        private void checkVersion(int version) throws MalformedFileException {
            if (version == 2 || version == 3) {
                return;
            }
            int swapped = Integer.reverseBytes(version);
            throw refusal(
                    "version",
                    swapped > 0 && swapped < 1 << 16
                            ? "is a big-endian GGUF (version "
                                    + swapped
                                    + " in swapped order), which is not read: convert it to little"
                                    + " endian with gguf_convert_endian.py of llama.cpp"
                            : Integer.toUnsignedString(version)
                                    + " is not read, 2 and 3 are: convert the model anew");
        }

        private long alignment(Map<String, Object> metadata) throws MalformedFileException {
            var value = metadata.getOrDefault("general.alignment", 32L);
            if (!(value instanceof Long n) || n <= 0 || n > 1 << 30 || Long.bitCount(n) != 1) {
                throw refusal(
                        "general.alignment",
                        "must be a power of two that is not zero, but is " + value);
            }
            return n;
        }

        private Object value(String key, int type, int depth) throws MalformedFileException {
            if (type < 0 || type >= LEAST_BYTES.length) {
                throw refusal(
                        key, "has a value of type " + Integer.toUnsignedString(type) + ", unknown");
            }
            need(LEAST_BYTES[type], key);
            return switch (type) {
                case 0 -> (long) (in.get() & 0xff);
                case 1 -> (long) in.get();
                case 2 -> (long) (in.getShort() & 0xffff);
                case 3 -> (long) in.getShort();
                case 4 -> Integer.toUnsignedLong(in.getInt());
                case 5 -> (long) in.getInt();
                case 6 -> in.getFloat();
                case 7 -> truth(key, in.get());
                case STRING -> text(key);
                case ARRAY -> array(key, depth);
                case 12 -> in.getDouble();
                default -> in.getLong();
            };
        }

        private boolean truth(String key, byte value) throws MalformedFileException {
            if (value < 0 || value > 1) {
                throw refusal(key, "should be 0 or 1, as it is a truth value, but is " + value);
            }
            return value == 1;
        }

        private List<Object> array(String key, int depth) throws MalformedFileException {
            int type = in.getInt();
            if (type < 0 || type >= LEAST_BYTES.length) {
                throw refusal(
                        key,
                        "is a list of type "
                                + Integer.toUnsignedString(type)
                                + ", which is unknown");
            }
            if (depth == DEEPEST) {
                throw refusal(key, "holds lists in lists, more than " + DEEPEST + " deep");
            }
            long length = count(key, in.getLong(), LEAST_BYTES[type]);
            var values = new ArrayList<>();
            for (long i = 0; i < length; i++) {
                values.add(value(key, type, depth + 1));
            }
            return Collections.unmodifiableList(values);
        }

        private Place tensor(String place, long alignment) throws MalformedFileException {
            var name = text("name of " + place);
            int axes = need(4, name).getInt();
            if (axes < 0 || axes > MOST_AXES) {
                throw refusal(name, "has " + Integer.toUnsignedString(axes) + " axes, more than 8");
            }
            need(8 * axes + 12, name);
            var shape = new ArrayList<Long>();
            for (int i = 0; i < axes; i++) {
                shape.add(0, in.getLong()); // the file has the fastest axis first
            }
            long number = Integer.toUnsignedLong(in.getInt());
            var type = GgufTypes.numbered(number);
            if (type == null) {
                throw refusal(name, GgufTypes.refusal(number));
            }
            long offset = in.getLong();
            if (offset < 0 || offset % alignment != 0) {
                throw refusal(
                        name,
                        "begins at %s, which is no multiple of the alignment %s"
                                .formatted(Long.toUnsignedString(offset), alignment));
            }
            return new Place(new TensorInfo(name, type, shape, bytes(name, type, shape)), offset);
        }

        private long bytes(String name, TensorType type, List<Long> shape)
                throws MalformedFileException {
            try {
                long row = shape.isEmpty() ? 1 : shape.get(shape.size() - 1);
                if (row % type.blockElements() != 0) {
                    throw refusal(
                            name,
                            "of shape %s has rows that are no whole blocks of %s, which %s needs"
                                    .formatted(shape, type.blockElements(), type));
                }
                return type.bytes(shape);
            } catch (ArithmeticException e) {
                throw refusal(name, "has an impossible shape " + shape);
            }
        }

        private List<Place> laidOut(List<Place> tensors, long dataStart)
                throws MalformedFileException {
            tensors.sort(Comparator.comparingLong(Place::begin).thenComparingLong(Place::end));
            var laidOut = new ArrayList<Place>();
            Place before = null;
            for (var tensor : tensors) {
                if (before != null && tensor.begin() < before.end()) {
                    throw refusal(tensor.info().name(), "overlaps " + before.info().name());
                }
                if (tensor.begin() > file.length()) { // before it is added to anything
                    throw refusal(
                            tensor.info().name(),
                            "begins at " + tensor.begin() + ", beyond the file");
                }
                before = tensor;
                laidOut.add(new Place(tensor.info(), dataStart + tensor.begin()));
            }
            return laidOut;
        }

        private String text(String place) throws MalformedFileException {
            int length = (int) count(place, need(8, place).getLong(), 1);
            var bytes = in.slice(in.position(), length);
            in.position(in.position() + length);
            return StrictJson.utf8(file.path(), place, bytes);
        }

        /** A count that the rest of the file can hold. */
        private long count(String place, long count, int leastBytes) throws MalformedFileException {
            if (count < 0 || count > in.remaining() / leastBytes) {
                throw refusal(
                        place,
                        String.format(
                                "claims %s entries at byte %d, but the file has %d bytes left",
                                Long.toUnsignedString(count), in.position() - 8, in.remaining()));
            }
            return count;
        }

        private ByteBuffer need(int bytes, String place) throws MalformedFileException {
            if (in.remaining() < bytes) {
                throw refusal(
                        place,
                        "the file ends at byte %s, where %s bytes were expected from byte %s"
                                .formatted(in.limit(), bytes, in.position()));
            }
            return in;
        }

        private MalformedFileException refusal(String field, String reason) {
            return new MalformedFileException(file.path(), field, reason);
        }
    }
}
