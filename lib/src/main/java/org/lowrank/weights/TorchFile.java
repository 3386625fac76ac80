package org.lowrank.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.lowrank.weights.MappedTensors.Place;

/**
 * Opens what {@code torch.save} writes ({@code .bin}, {@code .pt}, {@code .pth}, {@code .th}): a
 * zip archive without compression, or, before PyTorch 1.6, pickles followed by the numbers. The
 * pickle is read by {@link TorchPickle}, which builds descriptions of tensors and runs nothing.
 *
 * <p>Tensors are named by their keys, those of nested dictionaries joined by dots. A dictionary
 * that holds the tensors in one entry of it ({@code state_dict}) beside numbers and texts is a
 * checkpoint of a training: its entry counts, the rest is metadata.
 */
public final class TorchFile {

    /** 0x1950a86a20f9469cfc6c as the first pickle of the old format. */
    private static final byte[] OLD = {
        (byte) 0x80,
        2,
        (byte) 0x8a,
        10,
        0x6c,
        (byte) 0xfc,
        (byte) 0x9c,
        0x46,
        (byte) 0xf9,
        0x20,
        0x6a,
        (byte) 0xa8,
        0x50,
        0x19
    };

    private static final int DEEPEST = 16;
    private static final String PICKLE = "data.pkl";

    private final MappedFile file;

    /** Where a storage begins, by its key. */
    private final Map<String, Long> storages = new LinkedHashMap<>();

    private final Map<String, Object> metadata = new LinkedHashMap<>();
    private final List<Place> places = new ArrayList<>();

    private TorchFile(MappedFile file) {
        this.file = file;
    }

    /** True if a file is of either form. */
    static boolean is(Path path) throws IOException {
        if (!Files.isRegularFile(path)) {
            return false;
        }
        try (var file = MappedFile.ofAny(path)) {
            return isOld(file) || ZipEntries.begin(file) && ZipEntries.of(file).has(PICKLE);
        }
    }

    private static boolean isOld(MappedFile file) throws IOException {
        var head = new byte[(int) Math.min(OLD.length, file.length())];
        file.bytes(0, head.length).get(head);
        return Arrays.equals(head, OLD);
    }

    /**
     * Opens a file.
     *
     * @throws MalformedFileException if its pickle does anything but build tensors, a tensor does
     *     not lie row by row, or the file is cut
     */
    @SuppressWarnings("resource") // closed with the source, or here on a refusal
    public static TensorSource open(Path path) throws IOException {
        var file = MappedFile.ofAny(path);
        try {
            var reader = new TorchFile(file);
            if (isOld(file)) {
                reader.readOld();
            } else {
                reader.readZip();
            }
            reader.places.sort(java.util.Comparator.comparingLong(Place::begin));
            return new MappedTensors(path, file, reader.places, reader.metadata);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private void readZip() throws IOException {
        var entries = ZipEntries.of(file);
        var pickle = entries.ending(PICKLE);
        var folder = pickle.name().substring(0, pickle.name().length() - PICKLE.length());
        var order = entries.find(folder + "byteorder");
        if (order != null && (order.length() == 0 || order.bytes(file).get(0) != 'l')) {
            throw refusal("byteorder", "is not little; save it on another machine");
        }
        entries.all().stream()
                .filter(e -> e.name().startsWith(folder + "data/"))
                .forEach(e -> storages.put(e.name().substring(folder.length() + 5), e.position()));
        collect(TorchPickle.read(file.path(), pickle.bytes(file)));
    }

    /** Pickles: a mark, a version, the machine, the object, the keys of storages; the numbers. */
    private void readOld() throws IOException {
        var in = file.bytes(0, (int) Math.min(Integer.MAX_VALUE, file.length()));
        in.position(OLD.length + 1);
        TorchPickle.read(file.path(), in);
        if (TorchPickle.read(file.path(), in) instanceof Map<?, ?> machine
                && Boolean.FALSE.equals(machine.get("little_endian"))) {
            throw refusal("little_endian", "is false; save it on another machine");
        }
        var object = TorchPickle.read(file.path(), in);
        var keys = TorchPickle.read(file.path(), in);
        var sizes = new LinkedHashMap<String, Integer>();
        sizes(object, sizes, 0);
        long at = in.position();
        for (var key : keys instanceof List<?> list ? list : List.of()) {
            // the number of elements stands before them
            storages.put(String.valueOf(key), at + Long.BYTES);
            if (at > file.length() - Long.BYTES) {
                throw refusal("storage " + key, "is not there: the file was cut; fetch it again");
            }
            long elements = file.bytes(at, Long.BYTES).getLong();
            int width = sizes.getOrDefault(String.valueOf(key), Float.BYTES);
            if (elements < 0 || elements > (file.length() - at - Long.BYTES) / width) {
                throw refusal("storage " + key, "ends beyond the file: it was cut; fetch it again");
            }
            at += Long.BYTES + elements * width;
        }
        collect(object);
    }

    /** The bytes of an element of each storage. */
    private void sizes(Object value, Map<String, Integer> sizes, int depth) throws IOException {
        if (value instanceof TorchPickle.Tensor tensor) {
            sizes.put(tensor.storage().key(), tensor.storage().type().blockBytes());
        } else if (value instanceof Map<?, ?> map) {
            checkDepth(depth);
            for (var item : map.values()) {
                sizes(item, sizes, depth + 1);
            }
        }
    }

    private void checkDepth(int depth) throws IOException {
        if (depth > DEEPEST) {
            throw refusal("pickle", "has dictionaries more than " + DEEPEST + " deep");
        }
    }

    private void collect(Object root) throws IOException {
        if (!(root instanceof Map<?, ?> map)) {
            throw refusal("pickle", "holds no dictionary of tensors; save model.state_dict()");
        }
        var inner =
                map.entrySet().stream()
                        .filter(e -> e.getValue() instanceof Map<?, ?> m && hasTensor(m))
                        .collect(Collectors.toList());
        if (inner.size() == 1 && !hasTensor(map)) {
            map.forEach(
                    (key, value) -> {
                        if (value instanceof Number
                                || value instanceof String
                                || value instanceof Boolean) {
                            metadata.put(String.valueOf(key), value);
                        }
                    });
            map = (Map<?, ?>) inner.get(0).getValue();
        }
        collect("", map, 0);
        if (places.isEmpty()) {
            throw refusal("pickle", "holds no tensor");
        }
    }

    private static boolean hasTensor(Map<?, ?> map) {
        return map.values().stream().anyMatch(TorchPickle.Tensor.class::isInstance);
    }

    private void collect(String prefix, Map<?, ?> map, int depth) throws IOException {
        checkDepth(depth);
        for (var entry : map.entrySet()) {
            var name = prefix + entry.getKey();
            if (entry.getValue() instanceof TorchPickle.Tensor tensor) {
                places.add(place(name, tensor));
            } else if (entry.getValue() instanceof Map<?, ?> inner) {
                collect(name + ".", inner, depth + 1);
            }
        }
    }

    private Place place(String name, TorchPickle.Tensor tensor) throws IOException {
        long elements = 1;
        boolean rowByRow = tensor.size().size() == tensor.stride().size();
        try {
            for (int i = tensor.size().size() - 1; i >= 0 && rowByRow; i--) {
                long length = tensor.size().get(i);
                rowByRow = length >= 0 && (length <= 1 || tensor.stride().get(i) == elements);
                elements = Math.multiplyExact(elements, length);
            }
            var storage = tensor.storage();
            if (!rowByRow) {
                throw refusal(
                        name,
                        "is a view that does not lie row by row; save tensor.contiguous() of it");
            }
            var begin = storages.get(storage.key());
            if (begin == null
                    || tensor.offset() < 0
                    || Math.addExact(tensor.offset(), elements) > storage.elements()) {
                throw refusal(
                        name,
                        begin == null
                                ? "lies in the storage " + storage.key() + ", which is not there"
                                : "ends beyond its storage of " + storage.elements());
            }
            var type = storage.type();
            var info = new TensorInfo(name, type, tensor.size(), type.bytes(elements));
            return new Place(info, begin + type.bytes(tensor.offset()));
        } catch (ArithmeticException e) {
            throw refusal(name, "has the impossible shape " + tensor.size());
        }
    }

    private MalformedFileException refusal(String field, String reason) {
        return new MalformedFileException(file.path(), field, reason);
    }
}
