package org.lowrank.kernel;

import io.github.spencerpark.jupyter.kernel.magic.registry.CellMagicFunction;
import io.github.spencerpark.jupyter.kernel.magic.registry.LineMagicFunction;
import io.github.spencerpark.jupyter.kernel.magic.registry.Magics;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The magics of this kernel; one that is not there is refused with those that are. */
final class KernelMagics extends Magics {

    private final Set<String> ofLines = new TreeSet<>();
    private final Set<String> ofCells = new TreeSet<>();

    @Override
    public void registerLineMagic(String name, LineMagicFunction<?> magic) {
        ofLines.add("%" + name);
        super.registerLineMagic(name, magic);
    }

    @Override
    public void registerCellMagic(String name, CellMagicFunction<?> magic) {
        ofCells.add("%%" + name);
        super.registerCellMagic(name, magic);
    }

    @Override
    public <T> T applyLineMagic(String name, List<String> arguments) throws Exception {
        ensureKnown("%" + name, ofLines);
        return super.applyLineMagic(name, arguments);
    }

    @Override
    public <T> T applyCellMagic(String name, List<String> arguments, String body) throws Exception {
        ensureKnown("%%" + name, ofCells);
        return super.applyCellMagic(name, arguments, body);
    }

    /** The magics that begin with a text; those of whole cells only first in a cell. */
    List<String> beginningWith(String text, boolean firstInCell) {
        List<String> names = new ArrayList<>(firstInCell ? ofCells : Set.of());
        names.addAll(ofLines);
        names.removeIf(name -> !name.startsWith(text));
        return names;
    }

    private void ensureKnown(String name, Set<String> known) {
        if (!known.contains(name)) {
            throw new IllegalArgumentException(
                    "there is no magic "
                            + name
                            + "; there are "
                            + String.join(" ", ofLines)
                            + " and, first in a cell, "
                            + String.join(" ", ofCells));
        }
    }
}
