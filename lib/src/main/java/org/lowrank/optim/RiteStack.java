package org.lowrank.optim;

import static org.lowrank.engine.Arrays.float64;
import static org.lowrank.engine.Arrays.transposed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.engine.HostTrip;
import org.lowrank.linalg.DivergedException;
import org.lowrank.linalg.Gram;

/** One LoRA-RITE step of one stack on its way to the host and back. */
final class RiteStack {

    /** What one factor of every pair needs on the device, float64. */
    record OnDevice(NDArray keep, NDArray add, NDArray second, NDArray escape) {}

    private final LoraRiteSettings settings;
    private final PairStack stack;
    private final HostTrip.Small gramA;
    private final HostTrip.Small gramB;
    private final Side sideA;
    private final Side sideB;
    private final List<RiteFactor> factorsA = new ArrayList<>();
    private final List<RiteFactor> factorsB = new ArrayList<>();
    private Slots slotsA;
    private Slots slotsB;

    /** What one factor asks of the device. */
    private record Side(
            HostTrip.Small partnerOldBasis,
            HostTrip.Small rawGram,
            HostTrip.Small second,
            HostTrip.Small escape) {

        double escape(int layer) {
            return escape == null ? 0 : escape.at(layer).get(0, 0);
        }
    }

    private record Slots(
            HostTrip.Small keep,
            HostTrip.Small add,
            HostTrip.Small second,
            HostTrip.Small escape,
            HostTrip.Small inverseRoot) {

        OnDevice onDevice() {
            return new OnDevice(wide(keep), wide(add), wide(second), wide(escape));
        }

        static NDArray wide(HostTrip.Small slot) {
            return slot.array(DataType.FLOAT64);
        }
    }

    RiteStack(
            LoraRiteSettings settings,
            HostTrip download,
            PairStack stack,
            PairGradient raw,
            OptimizerState.Of kept) {
        this.settings = settings;
        this.stack = stack;
        var a = float64(stack.loraA());
        var b = float64(stack.loraB());
        var gradA = float64(raw.gradA());
        var gradB = float64(raw.gradB());
        gramA = download.down(a.matMul(transposed(a)));
        gramB = download.down(transposed(b).matMul(b));
        sideA =
                new Side(
                        download.down(transposed(b).matMul(float64(kept.get("basisB")))),
                        download.down(gradA.matMul(transposed(gradA))),
                        download.down(kept.get("secondMomentA")),
                        escape(download, kept.get("escapeMassA")));
        sideB =
                new Side(
                        download.down(a.matMul(transposed(float64(kept.get("basisA"))))),
                        download.down(transposed(gradB).matMul(gradB)),
                        download.down(kept.get("secondMomentB")),
                        escape(download, kept.get("escapeMassB")));
    }

    private static HostTrip.Small escape(HostTrip download, NDArray mass) {
        return mass == null ? null : download.down(mass);
    }

    /**
     * Once the download is there: the roots and the unmagnified gradients.
     *
     * @return the sum of their squared norms
     * @throws ArithmeticException if a value is not finite; the message begins with the path
     */
    double factorize() {
        double squaredNorm = 0;
        for (int layer = 0; layer < stack.size(); layer++) {
            try {
                squaredNorm += factorize(layer);
            } catch (ArithmeticException e) {
                throw DivergedException.at(stack.paths().get(layer), e);
            }
        }
        return squaredNorm;
    }

    private double factorize(int layer) {
        var a =
                new RiteFactor(
                        settings,
                        Gram.ofProduct(gramB.at(layer)),
                        sideA.partnerOldBasis().at(layer),
                        sideA.rawGram().at(layer),
                        stack.in());
        var b =
                new RiteFactor(
                        settings,
                        Gram.ofProduct(gramA.at(layer)),
                        sideB.partnerOldBasis().at(layer),
                        sideB.rawGram().at(layer),
                        stack.out());
        factorsA.add(a);
        factorsB.add(b);
        return a.squaredNorm() + b.squaredNorm();
    }

    /** Adds to the upload what the device needs. */
    void update(HostTrip upload, double clip, long step) {
        slotsA = update(upload, factorsA, sideA, clip, step);
        slotsB = update(upload, factorsB, sideB, clip, step);
    }

    private Slots update(
            HostTrip upload, List<RiteFactor> factors, Side side, double clip, long step) {
        int layers = factors.size();
        var keep = new DMatrixRMaj[layers];
        var add = new DMatrixRMaj[layers];
        var second = new DMatrixRMaj[layers];
        var escape = new DMatrixRMaj[layers];
        var inverseRoot = new DMatrixRMaj[layers];
        for (int layer = 0; layer < layers; layer++) {
            var factor = factors.get(layer);
            factor.scale(clip);
            var update = factor.update(side.second().at(layer), side.escape(layer), step);
            keep[layer] = update.keep();
            add[layer] = update.add();
            second[layer] = update.second();
            escape[layer] = new DMatrixRMaj(new double[][] {{update.escape()}});
            inverseRoot[layer] = factor.inverseRoot();
        }
        return new Slots(
                upload.up(keep),
                upload.up(add),
                upload.up(second),
                upload.up(escape),
                upload.up(inverseRoot));
    }

    OnDevice ofA() {
        return slotsA.onDevice();
    }

    OnDevice ofB() {
        return slotsB.onDevice();
    }

    /** R_A⁺ (layers, r, r). */
    NDArray inverseRootA() {
        return Slots.wide(slotsB.inverseRoot());
    }

    /** R_B⁺ (layers, r, r). */
    NDArray inverseRootB() {
        return Slots.wide(slotsA.inverseRoot());
    }
}
