package org.lowrank.optim;

import static org.lowrank.engine.Arrays.float64;
import static org.lowrank.engine.Arrays.largest;
import static org.lowrank.engine.Arrays.sums;
import static org.lowrank.engine.Arrays.transposed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.ejml.data.DMatrixRMaj;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.engine.HostTrip;
import org.lowrank.linalg.DivergedException;
import org.lowrank.linalg.Gram;
import org.lowrank.linalg.Status;

/**
 * What moves single factors along their least-squares gradients: the inverse Gram matrices of their
 * partners, (BᵀB + λI)⁻¹ for each A that has a gradient and (AAᵀ + λI)⁻¹ for each B. As {@link
 * org.lowrank.rule.AltLora} says, but nothing is formed of a factor that moves beyond a number that
 * tells whether it is finite. One transfer each way; closing frees the inverses on the device.
 *
 * <p>Source: AltLoRA, arXiv 2505.12455, theorem 1 and corollary 1; theorem 2 for {@link
 * Partner#change}.
 */
final class Partners implements AutoCloseable {

    private final HostTrip trip;
    private final List<Partner> ofA = new ArrayList<>();
    private final List<Partner> ofB = new ArrayList<>();

    /**
     * @param raw the gradients; one that is null says that the factor stands still
     * @param damping λ
     * @throws DivergedException if a factor or a gradient holds a value that is not finite, if both
     *     factors of a pair are 0, or if a Gram matrix is singular but not 0 and the damping is 0;
     *     the message begins with its path
     */
    Partners(List<PairStack> stacks, List<PairGradient> raw, double damping) {
        trip = new HostTrip(stacks.get(0).loraA().getManager());
        try {
            invertAll(stacks, raw, damping);
        } catch (RuntimeException e) {
            trip.close();
            throw e;
        }
    }

    private void invertAll(List<PairStack> stacks, List<PairGradient> raw, double damping) {
        for (int i = 0; i < stacks.size(); i++) {
            var stack = stacks.get(i);
            var g = raw.get(i);
            ofA.add(g.gradA() == null ? null : new Partner(stack, g.gradA(), true));
            ofB.add(g.gradB() == null ? null : new Partner(stack, g.gradB(), false));
        }
        trip.fetch();
        PairStack.forEachPair(
                stacks,
                (stack, layer) -> {
                    invert(ofA.get(stack), layer, damping);
                    invert(ofB.get(stack), layer, damping);
                });
        ofA.stream().filter(Objects::nonNull).forEach(Partner::announce);
        ofB.stream().filter(Objects::nonNull).forEach(Partner::announce);
        trip.send();
    }

    private static void invert(Partner partner, int layer, double damping) {
        if (partner != null) {
            partner.invert(layer, damping);
        }
    }

    /** The partners of A, the B of a stack; null if A stands still. */
    Partner ofA(int stack) {
        return ofA.get(stack);
    }

    /** The partners of B, the A of a stack; null if B stands still. */
    Partner ofB(int stack) {
        return ofB.get(stack);
    }

    @Override
    public void close() {
        trip.close();
    }

    /** The partners of one stack, seen as (layers, big, r): B as it is, A transposed. */
    final class Partner {

        private final boolean movesA;
        private final NDArray columns;
        private final HostTrip.Small gram;
        private final HostTrip.Small moving;
        private final HostTrip.Small gradient;
        private final DMatrixRMaj[] inverses;
        private HostTrip.Small sent;

        private Partner(PairStack stack, NDArray raw, boolean movesA) {
            this.movesA = movesA;
            columns = columns(movesA ? stack.loraB() : stack.loraA());
            gram = trip.down(transposed(columns).matMul(columns));
            moving = trip.down(largest(movesA ? stack.loraA() : stack.loraB()));
            gradient = trip.down(sums(raw));
            inverses = new DMatrixRMaj[stack.size()];
        }

        private NDArray columns(NDArray factor) {
            return float64(movesA ? factor : transposed(factor));
        }

        private void invert(int layer, double damping) {
            var found = Gram.ofProduct(gram.at(layer));
            double largest = moving.at(layer).get(0, 0);
            requireFinite(gradient.at(layer).get(0, 0), "the gradient of ");
            requireFinite(largest, "");
            if (largest == 0 && found.isZero()) {
                throw DivergedException.bothZero();
            }
            inverses[layer] = found.dampedInverse(damping, movesA ? "BᵀB" : "AAᵀ");
        }

        private void requireFinite(double number, String of) {
            if (!Double.isFinite(number)) {
                throw new DivergedException(
                        "%s%s holds a value that is not finite: %s"
                                .formatted(
                                        of,
                                        movesA ? "lora_A" : "lora_B",
                                        Status.NON_FINITE_INPUT.advice()));
            }
        }

        private void announce() {
            sent = trip.up(inverses);
        }

        /** (BᵀB + λI)⁻¹ or (AAᵀ + λI)⁻¹, (layers, r, r), to read only. */
        NDArray inverse(DataType type) {
            return sent.array(type);
        }

        /**
         * What carries a momentum from the subspace of an older partner into that of the present
         * one, (BᵀB + λI)⁻¹ BᵀB_old from the left or A_old Aᵀ (AAᵀ + λI)⁻¹ from the right; (layers,
         * r, r), float64, new.
         */
        NDArray change(NDArray old) {
            var cross = transposed(columns).matMul(columns(old));
            return movesA
                    ? inverse(DataType.FLOAT64).matMul(cross)
                    : transposed(cross).matMul(inverse(DataType.FLOAT64));
        }
    }
}
