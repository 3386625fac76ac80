package org.lowrank.adapter.kind;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.SplittableRandom;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.TinyMlp;
import org.lowrank.config.Choice;
import org.lowrank.engine.Arrays;

/** A tiny network with experts on one of its linear maps, and what it is given. */
public final class TinyExperts {

    public static final String PATH = "block.0.second";
    public static final int IN = 8;
    public static final int OUT = 6;
    public static final int RANK = 2;
    public static final int TOKENS = 3;

    private TinyExperts() {}

    public static LoraConfig config(int experts, double entropyWeight) {
        var kind = new Experts(experts, entropyWeight);
        return LoraConfig.ofRank(RANK)
                .withTargetModules("second")
                .withLayer(new Choice("experts", kind.options()));
    }

    public static TinyMlp model(NDManager manager) {
        return new TinyMlp(manager, 1, 5, IN, OUT, 1);
    }

    /** B and gate away from zero. */
    public static void stir(AdapterSet set) {
        var random = new SplittableRandom(4);
        for (var pair : set.pairs()) {
            Arrays.assign(pair.loraB(), values(random, OUT * RANK));
        }
        var adapter = set.adapters().get(PATH);
        adapter.extraParameters()
                .values()
                .forEach(gate -> Arrays.assign(gate, values(random, (int) gate.size())));
    }

    public static float[] values(SplittableRandom random, int count) {
        var values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return values;
    }

    public static NDArray input(NDManager manager) {
        var random = new SplittableRandom(5);
        return Arrays.nativeCopy(manager, values(random, TOKENS * IN), new Shape(TOKENS, IN));
    }
}
