package org.lowrank.adapter.kind;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.lowrank.adapter.LinearAdapter;
import org.lowrank.adapter.StepHook;
import org.lowrank.engine.GraphConstants;

/**
 * AdaLoRA's part of a training step: the penalty that keeps A and B orthogonal, the importance of
 * every triplet, and the pruning of the least important ones.
 *
 * <p>Penalty: the mean of ‖AAᵀ - I‖_F and ‖BᵀB - I‖_F over all matrices, times the weight.
 * Importance of an entry w with gradient g: I = |w g|, Ī = β₁Ī + (1-β₁)I, Ū = β₂Ū + (1-β₂)|I - Ī|,
 * score ĪŪ. Score of triplet i: that of E_i, plus the mean over row i of A, plus the mean over
 * column i of B. The least triplets of all matrices together are pruned: their E_i is set to zero
 * after the optimizers moved, so that one with a gradient can come back at a later pruning, until
 * the final phase begins; from then on the choice stands.
 *
 * @see <a href="https://arxiv.org/abs/2303.10512">AdaLoRA, equations 4, 8 to 12 and algorithm 1</a>
 */
public final class RankAllocator implements StepHook {

    private final AdaLora settings;
    private final Map<String, AdaLoraAdapter> adapters = new LinkedHashMap<>();
    private final Map<String, Importance> importance = new TreeMap<>();
    private final Map<String, NDArray> identities = new LinkedHashMap<>();
    private final NDArray weight;
    private final Importance.Betas betas;
    private final int initialBudget;
    private final int targetBudget;
    private Map<String, boolean[]> kept = new TreeMap<>();

    /**
     * @param adapters all of them AdaLoRA's
     * @param owner lives as long as the adapters
     */
    RankAllocator(AdaLora settings, Map<String, LinearAdapter> adapters, NDManager owner) {
        this.settings = settings;
        int initial = 0;
        DataType type = null;
        for (var entry : new TreeMap<>(adapters).entrySet()) {
            var adapter = (AdaLoraAdapter) entry.getValue();
            this.adapters.put(entry.getKey(), adapter);
            int rank = (int) adapter.pair().rank();
            type = adapter.pair().loraA().getDataType();
            identities.put(entry.getKey(), owner.eye(rank, rank, 0, type));
            importance.put(entry.getKey(), new Importance(adapter, owner));
            initial += rank;
        }
        betas = Importance.Betas.of(settings, owner);
        weight = GraphConstants.scalar(owner, settings.orthogonalWeight(), type);
        initialBudget = initial;
        targetBudget = settings.targetRank() * adapters.size();
    }

    @Override
    public NDArray penalty(NDManager step) {
        var norms = new NDList();
        adapters.forEach(
                (path, adapter) -> {
                    var identity = identities.get(path);
                    norms.add(distance(adapter.pair().loraA(), false, identity, step));
                    norms.add(distance(adapter.pair().loraB(), true, identity, step));
                });
        return NDArrays.stack(norms).mean().mul(weight);
    }

    /** ‖MMᵀ - I‖_F, or ‖MᵀM - I‖_F. */
    private static NDArray distance(
            NDArray matrix, boolean columns, NDArray identity, NDManager step) {
        var turned = matrix.transpose();
        turned.attach(step);
        var gram = columns ? turned.matMul(matrix) : matrix.matMul(turned);
        gram.attach(step);
        return gram.sub(identity).norm();
    }

    @Override
    public void afterBackward(long step) {
        if (isFinal(step - 1)) {
            return;
        }
        importance.values().forEach(Importance::keepGradients);
        if (settings.timing() == AdaLora.Timing.BEFORE_STEP) {
            measure();
        }
    }

    @Override
    public void afterStep(long step) {
        if (settings.timing() == AdaLora.Timing.AFTER_STEP && !isFinal(step - 1)) {
            measure();
        }
        if (settings.prunes(step) && (kept.isEmpty() || !isFinal(step - 1))) {
            kept = choose(settings.budget(step, initialBudget, targetBudget));
        }
        if (settings.prunes(step)) {
            kept.forEach((path, flags) -> adapters.get(path).prune(flags));
        }
    }

    private boolean isFinal(long step) {
        return step >= settings.totalSteps() - settings.tFinal();
    }

    private void measure() {
        importance.values().forEach(i -> i.update(betas));
    }

    /** One triplet of one matrix. */
    private record Triplet(String path, int index, double score) {}

    /** The {@code budget} triplets with the largest scores; of equal ones the first by path. */
    private Map<String, boolean[]> choose(int budget) {
        var all = new ArrayList<Triplet>();
        importance.forEach(
                (path, measured) -> {
                    var scores = measured.scores();
                    for (int i = 0; i < scores.length; i++) {
                        all.add(new Triplet(path, i, scores[i]));
                    }
                });
        all.sort(Comparator.comparingDouble(Triplet::score).reversed());
        var chosen = new TreeMap<String, boolean[]>();
        importance.forEach((path, measured) -> chosen.put(path, new boolean[measured.rank()]));
        for (var triplet : all.subList(0, budget)) {
            chosen.get(triplet.path())[triplet.index()] = true;
        }
        return chosen;
    }

    /** Which triplets the last pruning kept, by path; empty before the first one. */
    public Map<String, boolean[]> kept() {
        var copy = new TreeMap<String, boolean[]>();
        kept.forEach((path, flags) -> copy.put(path, flags.clone()));
        return copy;
    }

    /** The number of triplets that the last pruning kept, or all of them before the first one. */
    int keptCount() {
        if (kept.isEmpty()) {
            return initialBudget;
        }
        int count = 0;
        for (var flags : kept.values()) {
            for (var flag : flags) {
                count += flag ? 1 : 0;
            }
        }
        return count;
    }

    public Map<String, double[]> scores() {
        var scores = new TreeMap<String, double[]>();
        importance.forEach((path, measured) -> scores.put(path, measured.scores()));
        return scores;
    }

    @Override
    public void save(DataOutput out) throws IOException {
        for (var measured : importance.values()) {
            measured.save(out);
        }
        out.writeBoolean(!kept.isEmpty());
        for (var flags : kept.values()) {
            for (var flag : flags) {
                out.writeBoolean(flag);
            }
        }
    }

    @Override
    public void load(DataInput in) throws IOException {
        for (var measured : importance.values()) {
            measured.load(in);
        }
        kept = new TreeMap<>();
        if (in.readBoolean()) {
            for (var entry : importance.entrySet()) {
                var flags = new boolean[entry.getValue().rank()];
                for (int i = 0; i < flags.length; i++) {
                    flags[i] = in.readBoolean();
                }
                kept.put(entry.getKey(), flags);
            }
        }
    }
}
