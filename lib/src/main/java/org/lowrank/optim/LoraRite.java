package org.lowrank.optim;

import static org.lowrank.engine.Arrays.as;
import static org.lowrank.engine.Arrays.float64;
import static org.lowrank.engine.Arrays.transposed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.engine.Arrays;
import org.lowrank.engine.HostTrip;

/**
 * LoRA-RITE: moments in the basis of the partner's range, so that they do not depend on how BA is
 * factored. With B = Q_B R_B, P = Q_Bᵀ Q_B,old, for A (r, in), and for B the same with A's basis:
 *
 * <pre>
 *   Z = R_B⁺ᵀ gᴬ; 0 if its root mean square is above skipRms; all Z cut to the global norm clipNorm
 *   V ← β2' P V Pᵀ + (1 − β2') Z Zᵀ / in,      ρ ← β2' (ρ + mass lost by the change of basis)
 *   M ← β1' P M + (1 − β1') (V + ρ I)^(−1/2) Z,   β' = β (1 − βᵗ⁻¹) / (1 − βᵗ)
 *   A ← A − η (R_B⁺ M, capped, + λ A);            optionally |A| = |B| afterwards
 * </pre>
 *
 * The inverse root is 1 / (√v + ε) on eigenvalues v + ρ. R_B⁺ is a pseudo-inverse: at B = 0 the
 * first step moves B alone. Momentum outside the present range of a rank-deficient partner is
 * dropped.
 *
 * <p>State a pair: r (m + n) momentum and r (m + n) old bases in the type of the factors, 2 r²
 * second moments in float64, and 2 numbers with escape mass. One transfer each way a step.
 *
 * <p>Source: LoRA-RITE, arXiv 2410.20625, and its reference code as described in the specification,
 * C.
 */
public final class LoraRite extends StackedOptimizer {

    private static final String MOMENT_A = "firstMomentA";
    private static final String MOMENT_B = "firstMomentB";
    private static final String BASIS_A = "basisA";
    private static final String BASIS_B = "basisB";
    private static final String SECOND_A = "secondMomentA";
    private static final String SECOND_B = "secondMomentB";
    private static final String ESCAPE_A = "escapeMassA";
    private static final String ESCAPE_B = "escapeMassB";

    private final LoraRiteSettings settings;

    public LoraRite(LoraRiteSettings settings) {
        this.settings = settings;
    }

    @Override
    public boolean movesWithoutGradient() {
        return settings.balance() || settings.weightDecay() != 0;
    }

    @Override
    protected List<StateArray> layout(PairStack stack) {
        var square = new Shape(stack.size(), stack.rank(), stack.rank());
        var one = new Shape(stack.size(), 1, 1);
        var arrays = new ArrayList<StateArray>();
        arrays.add(StateArray.like(MOMENT_A, stack.loraA()));
        arrays.add(StateArray.like(MOMENT_B, stack.loraB()));
        arrays.add(StateArray.like(BASIS_A, stack.loraA()));
        arrays.add(StateArray.like(BASIS_B, stack.loraB()));
        arrays.add(new StateArray(SECOND_A, square, DataType.FLOAT64));
        arrays.add(new StateArray(SECOND_B, square, DataType.FLOAT64));
        if (settings.escapeMass()) {
            arrays.add(new StateArray(ESCAPE_A, one, DataType.FLOAT64));
            arrays.add(new StateArray(ESCAPE_B, one, DataType.FLOAT64));
        }
        return arrays;
    }

    @Override
    protected void move(
            List<PairStack> stacks, List<PairGradient> raw, double learningRate, long step) {
        var manager = stacks.get(0).loraA().getManager();
        var steps = new ArrayList<RiteStack>();
        try (var trip = new HostTrip(manager)) {
            for (int i = 0; i < stacks.size(); i++) {
                steps.add(new RiteStack(settings, trip, stacks.get(i), raw.get(i), state(i)));
            }
            trip.fetch();
        }
        double squaredNorm = 0;
        for (var one : steps) {
            squaredNorm += one.factorize();
        }
        double norm = Math.sqrt(squaredNorm);
        double clip =
                settings.clipNorm() > 0 && norm > settings.clipNorm()
                        ? settings.clipNorm() / norm
                        : 1;
        try (var upload = new HostTrip(manager)) {
            steps.forEach(one -> one.update(upload, clip, step));
            upload.send();
            for (int i = 0; i < stacks.size(); i++) {
                descend(stacks.get(i), raw.get(i), state(i), steps.get(i), learningRate);
            }
        }
    }

    private void descend(
            PairStack stack,
            PairGradient raw,
            OptimizerState.Of kept,
            RiteStack step,
            double rate) {
        var a = stack.loraA();
        var b = stack.loraB();
        var rootA = step.inverseRootA();
        var rootB = step.inverseRootB();
        var ofA = step.ofA();
        var ofB = step.ofB();
        var momentA = ofA.keep().matMul(float64(kept.get(MOMENT_A)));
        momentA.addi(ofA.add().matMul(float64(raw.gradA())));
        var momentB = float64(kept.get(MOMENT_B)).matMul(transposed(ofB.keep()));
        momentB.addi(float64(raw.gradB()).matMul(transposed(ofB.add())));
        var directionA = rootB.matMul(capped(momentA));
        var directionB = capped(momentB).matMul(transposed(rootA));
        var basisA = transposed(rootA).matMul(float64(a));
        var basisB = float64(b).matMul(rootB);
        keep(kept, MOMENT_A, momentA);
        keep(kept, MOMENT_B, momentB);
        keep(kept, BASIS_A, basisA);
        keep(kept, BASIS_B, basisB);
        keep(kept, SECOND_A, ofA.second());
        keep(kept, SECOND_B, ofB.second());
        if (settings.escapeMass()) {
            keep(kept, ESCAPE_A, ofA.escape());
            keep(kept, ESCAPE_B, ofB.escape());
        }
        a.subi(as(directionA.muli(rate), a).add(a.mul(rate * settings.weightDecay())));
        b.subi(as(directionB.muli(rate), b).add(b.mul(rate * settings.weightDecay())));
        if (settings.balance()) {
            balance(a, b);
        }
    }

    private static void keep(OptimizerState.Of kept, String name, NDArray values) {
        var target = kept.get(name);
        Arrays.assign(target, as(values, target));
    }

    private NDArray capped(NDArray moment) {
        if (settings.capRms() == 0) {
            return moment;
        }
        double cells = (double) moment.getShape().get(1) * moment.getShape().get(2);
        var rms = norm(moment).divi(Math.sqrt(cells));
        return moment.div(rms.divi(settings.capRms()).maximum(1));
    }

    /** Scales A and B, whose product stays, to equal Frobenius norms. */
    private static void balance(NDArray a, NDArray b) {
        var normA = norm(float64(a)).addi(1e-6);
        var normB = norm(float64(b)).addi(1e-6);
        var middle = normA.mul(normB).sqrt();
        a.muli(as(middle.div(normA), a));
        b.muli(as(middle.div(normB), b));
    }

    /** Frobenius norm of each layer, (layers, 1, 1). */
    private static NDArray norm(NDArray x) {
        return x.mul(x).sum(new int[] {1, 2}, true).sqrt();
    }

    @Override
    public String toString() {
        return "LoraRite(" + settings + ")";
    }
}
