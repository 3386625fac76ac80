package org.lowrank.model.block;

import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.Patches;

/**
 * A piece of a network made of named parts and arrays. The names are those of the PyTorch modules,
 * so that the path of a part, for example {@code encoder.layer.0.attention.self.query}, is the one
 * that adapters and weight files use.
 */
public abstract class ModuleBlock {

    private final Map<String, Object> parts = new LinkedHashMap<>();

    /** Adds a piece under its path within this one; an empty path adds nothing to the names. */
    protected final <B extends ModuleBlock> B part(String path, B block) {
        parts.put(path, block);
        return block;
    }

    /** Adds a linear map under its path within this piece. */
    protected final AdaptableLinear linear(String path, long in, long out, boolean bias) {
        var linear = new AdaptableLinear(in, out, bias);
        parts.put(path, linear);
        return linear;
    }

    /** Adds a convolution under its path within this piece. */
    protected final AdaptableLinear convolution(
            String path, Patches patches, long out, boolean bias) {
        var convolution = new AdaptableLinear(patches, out, bias);
        parts.put(path, convolution);
        return convolution;
    }

    /** Adds a map of any kind under its path within this piece. */
    protected final AdaptableLinear part(String path, AdaptableLinear map) {
        parts.put(path, map);
        return map;
    }

    /** Adds an array of this piece's own, to be filled. */
    protected final Slot array(String name, Shape shape, double start) {
        var slot = Slot.empty(shape, start);
        parts.put(name, slot);
        return slot;
    }

    /** Takes a part away, for example a head that turns out to be tied. */
    protected final void remove(String path) {
        parts.remove(path);
    }

    /** The linear maps by module path, in the order of the forward pass. */
    public final Map<String, AdaptableLinear> linears() {
        var linears = new LinkedHashMap<String, AdaptableLinear>();
        parts.forEach(
                (path, part) -> {
                    if (part instanceof AdaptableLinear linear) {
                        linears.put(path, linear);
                    } else if (part instanceof ModuleBlock block) {
                        block.linears().forEach((sub, l) -> linears.put(joined(path, sub), l));
                    }
                });
        return linears;
    }

    /** Every array by its name in PyTorch. */
    public final Map<String, Slot> slots() {
        var slots = new LinkedHashMap<String, Slot>();
        parts.forEach(
                (path, part) -> {
                    if (part instanceof ModuleBlock block) {
                        block.slots().forEach((sub, slot) -> slots.put(joined(path, sub), slot));
                    } else if (part instanceof AdaptableLinear linear) {
                        slots.put(path + ".weight", Slot.weightOf(linear));
                        if (linear.bias() != null) {
                            slots.put(path + ".bias", Slot.biasOf(linear));
                        }
                    } else {
                        slots.put(path, (Slot) part);
                    }
                });
        return slots;
    }

    private static String joined(String path, String sub) {
        return path.isEmpty() ? sub : path + "." + sub;
    }
}
