package org.lowrank.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.lowrank.engine.Arrays;
import org.lowrank.engine.Precision;
import org.lowrank.model.block.Slot;
import org.lowrank.weights.MalformedFileException;
import org.lowrank.weights.TensorInfo;
import org.lowrank.weights.TensorSource;
import org.lowrank.weights.TensorType;

/** Puts the tensors of a file into the slots of a network, each once. */
final class WeightLoader {

    private static final int NAMES_SHOWN = 4;

    private final TensorSource file;
    private final Function<String, Optional<Place>> places;
    private final UnaryOperator<String> origin;
    private final PackedTensors packed;

    /**
     * @param places where a tensor of the file belongs; empty for a buffer that is no parameter
     * @param origin of a parameter: the fields of the configuration that its presence and shape
     *     follow from, for messages
     * @param precision of linear maps and tables of words
     */
    WeightLoader(
            TensorSource file,
            Function<String, Optional<Place>> places,
            UnaryOperator<String> origin,
            Precision precision) {
        packed = new PackedTensors(file, precision);
        this.file = file;
        this.places = places;
        this.origin = origin;
    }

    /**
     * Fills every slot exactly once.
     *
     * @param owner of the arrays
     * @return the tensors that belong to heads which the network does not have
     * @throws MalformedFileException if a tensor is missing, doubled, not expected, of another
     *     shape, or not finite
     */
    List<String> fill(Map<String, Slot> slots, NDManager owner) throws IOException {
        var open = new LinkedHashMap<>(slots);
        var nameOf = new LinkedHashMap<String, String>();
        var strangers = new ArrayList<String>();
        var unused = new ArrayList<String>();
        for (var name : file.names()) {
            var place = places.apply(name).orElse(null);
            if (place == null) {
                continue;
            }
            if (!slots.containsKey(place.parameter())) {
                (place.ofHead() ? unused : strangers).add(name);
            } else if (nameOf.putIfAbsent(place.parameter(), name) != null) {
                throw refusal(
                        name,
                        "occurs twice: %s is %s too"
                                .formatted(nameOf.get(place.parameter()), place.parameter()));
            }
        }
        open.keySet().removeAll(nameOf.keySet());
        refuse(strangers, open.keySet().stream().toList(), slots.size());
        for (var entry : nameOf.entrySet()) {
            var slot = slots.get(entry.getKey());
            read(entry.getValue(), slot, owner);
        }
        return unused;
    }

    private void refuse(List<String> strangers, List<String> missing, int all)
            throws MalformedFileException {
        if (!strangers.isEmpty()) {
            throw refusal(
                    strangers.get(0),
                    "has no place in the model%s; %d tensors have none: %s. The file holds another model, or the configuration lacks what switches them on"
                            .formatted(
                                    from(places.apply(strangers.get(0)).orElseThrow().parameter()),
                                    strangers.size(),
                                    shown(strangers)));
        }
        if (!missing.isEmpty()) {
            throw refusal(
                    missing.get(0),
                    "is missing%s: the file lacks %d of the %d tensors of the model: %s. The download is incomplete, or the configuration is of another model"
                            .formatted(from(missing.get(0)), missing.size(), all, shown(missing)));
        }
    }

    private String from(String parameter) {
        var fields = origin.apply(parameter);
        return fields.isEmpty() ? "" : " (it follows from " + fields + ")";
    }

    private static String shown(List<String> names) {
        var some = String.join(", ", names.subList(0, Math.min(NAMES_SHOWN, names.size())));
        return names.size() > NAMES_SHOWN ? some + ", ..." : some;
    }

    private void read(String name, Slot slot, NDManager owner) throws IOException {
        var place = places.apply(name).orElseThrow();
        var info = file.info(name);
        var expected = slot.shape();
        var shape = new Shape(info.dimensions());
        var seen = place.transposed() && shape.dimension() == 2 ? turned(shape) : shape;
        if (!seen.equals(expected)) {
            throw refusal(
                    name,
                    "has shape %s, but the model has %s there%s"
                            .formatted(
                                    shape,
                                    place.transposed() ? turned(expected) : expected,
                                    from(place.parameter())));
        }
        var packing = packed.packing(slot.linear(), place, info);
        if (packing.isPresent()) {
            var weight = packed.read(packing.get(), slot.linear(), place, info, owner);
            PackedTensors.inPieces(weight, (row, numbers) -> requireFinite(name, numbers, row));
            slot.linear().hold(weight);
            return;
        }
        var array = asItLies(place, info, expected, owner);
        if (array == null) {
            array = Arrays.nativeCopy(owner, rearranged(place, name, shape), expected);
        }
        requireFinite(name, array, 0);
        slot.fill().accept(array);
    }

    /** One copy from the mapped file to the engine, or null where more has to be done. */
    private NDArray asItLies(Place place, TensorInfo info, Shape shape, NDManager owner)
            throws IOException {
        boolean changed = place.transposed() || place.pairedHeads() > 0 || place.plusOne();
        if (changed || info.type() != TensorType.F32 || info.byteCount() > Integer.MAX_VALUE) {
            return null;
        }
        var bytes = file.bytes(info.name(), 0, (int) info.byteCount());
        if (!bytes.isDirect()) {
            return null;
        }
        try (var overFile = owner.create(bytes, shape, DataType.FLOAT32)) {
            return overFile.duplicate();
        }
    }

    private float[] rearranged(Place place, String name, Shape shape) throws IOException {
        var values = file.floats(name);
        if (place.transposed()) {
            values = transposed(values, (int) shape.get(0), (int) shape.get(1));
        } else if (place.pairedHeads() > 0) {
            values = unpaired(values, (int) shape.get(0), place.pairedHeads());
        }
        for (int i = 0; place.plusOne() && i < values.length; i++) {
            values[i] -= 1;
        }
        return values;
    }

    private static Shape turned(Shape shape) {
        return new Shape(shape.get(1), shape.get(0));
    }

    static float[] transposed(float[] values, int rows, int columns) {
        var turned = new float[values.length];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                turned[j * rows + i] = values[i * columns + j];
            }
        }
        return turned;
    }

    /** Row 2i + p of a head to row i + p d/2. */
    private static float[] unpaired(float[] values, int rows, int heads) {
        int columns = values.length / rows;
        var result = new float[values.length];
        for (int row = 0; row < rows; row++) {
            int to = placeUnpaired(row, rows, heads);
            System.arraycopy(values, row * columns, result, to * columns, columns);
        }
        return result;
    }

    static int placeUnpaired(int row, int rows, int heads) {
        int half = rows / heads / 2;
        int inHead = row % (2 * half);
        return row - inHead + inHead / 2 + inHead % 2 * half;
    }

    private void requireFinite(String name, NDArray array, long firstRow) throws IOException {
        try (var most = array.max();
                var least = array.min()) {
            if (Float.isFinite(most.getFloat()) && Float.isFinite(least.getFloat())) {
                return;
            }
        }
        var values = array.toFloatArray();
        int count = 0;
        int first = -1;
        for (int i = values.length - 1; i >= 0; i--) {
            if (!Float.isFinite(values[i])) {
                count++;
                first = i;
            }
        }
        int columns = (int) array.getShape().get(array.getShape().dimension() - 1);
        var where =
                array.getShape().dimension() == 1
                        ? "[" + first + "]"
                        : "[" + (firstRow + first / columns) + ", " + first % columns + "]";
        throw refusal(
                name,
                "should hold finite numbers, but %d of its %d are not; the first is %s at %s"
                        .formatted(count, values.length, values[first], where));
    }

    private MalformedFileException refusal(String tensor, String reason) {
        return new MalformedFileException(file.file(), tensor, reason);
    }
}
