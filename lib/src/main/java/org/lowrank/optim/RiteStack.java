package org.lowrank.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.linalg.DivergedException;
import org.lowrank.rule.Download;
import org.lowrank.rule.GramRequest;
import org.lowrank.rule.PairGrams;
import org.lowrank.rule.Upload;

/** One LoRA-RITE step of one stack on its way to the host and back. */
final class RiteStack {

    /** What one factor of every pair needs on the device, float64. */
    record OnDevice(NDArray keep, NDArray add, NDArray second, NDArray escape) {}

    private final LoraRiteSettings settings;
    private final PairStack stack;
    private final GramRequest grams;
    private final Side sideA;
    private final Side sideB;
    private final List<RiteFactor> factorsA = new ArrayList<>();
    private final List<RiteFactor> factorsB = new ArrayList<>();
    private Slots slotsA;
    private Slots slotsB;

    /** What one factor asks of the device. */
    private record Side(
            Download.Request partnerOldBasis,
            Download.Request rawGram,
            Download.Request second,
            Download.Request escape) {

        double escape(int layer) {
            return escape == null ? 0 : escape.matrices()[layer].get(0, 0);
        }
    }

    private record Slots(
            Upload.Slot keep,
            Upload.Slot add,
            Upload.Slot second,
            Upload.Slot escape,
            Upload.Slot inverseRoot) {

        OnDevice onDevice() {
            return new OnDevice(wide(keep), wide(add), wide(second), wide(escape));
        }

        static NDArray wide(Upload.Slot slot) {
            return slot.as(DataType.FLOAT64);
        }
    }

    RiteStack(
            LoraRiteSettings settings,
            Download download,
            PairStack stack,
            PairGradient raw,
            OptimizerState.Of kept) {
        this.settings = settings;
        this.stack = stack;
        grams = new GramRequest(download, stack, raw);
        var gradA = download.upcast(raw.gradA());
        var gradB = download.upcast(raw.gradB());
        sideA =
                new Side(
                        download.productTransposedLeft(stack.loraB(), kept.get("basisB")),
                        download.productTransposedRight(gradA, gradA),
                        download.array(kept.get("secondMomentA")),
                        escape(download, kept.get("escapeMassA")));
        sideB =
                new Side(
                        download.productTransposedRight(stack.loraA(), kept.get("basisA")),
                        download.productTransposedLeft(gradB, gradB),
                        download.array(kept.get("secondMomentB")),
                        escape(download, kept.get("escapeMassB")));
    }

    private static Download.Request escape(Download download, NDArray mass) {
        return mass == null ? null : download.array(mass);
    }

    /**
     * Once the download is there: the roots and the unmagnified gradients.
     *
     * @return the sum of their squared norms
     * @throws ArithmeticException if a value is not finite; the message begins with the path
     */
    double factorize() {
        double squaredNorm = 0;
        var all = grams.grams();
        for (int layer = 0; layer < all.length; layer++) {
            try {
                squaredNorm += factorize(all[layer], layer);
            } catch (ArithmeticException e) {
                throw DivergedException.at(stack.paths().get(layer), e);
            }
        }
        return squaredNorm;
    }

    private double factorize(PairGrams of, int layer) {
        var a =
                new RiteFactor(
                        settings,
                        of.gramB(),
                        sideA.partnerOldBasis().matrices()[layer],
                        sideA.rawGram().matrices()[layer],
                        stack.in());
        var b =
                new RiteFactor(
                        settings,
                        of.gramA(),
                        sideB.partnerOldBasis().matrices()[layer],
                        sideB.rawGram().matrices()[layer],
                        stack.out());
        factorsA.add(a);
        factorsB.add(b);
        return a.squaredNorm() + b.squaredNorm();
    }

    /** Adds to the upload what the device needs. */
    void update(Upload upload, double clip, long step) {
        slotsA = update(upload, factorsA, sideA, clip, step);
        slotsB = update(upload, factorsB, sideB, clip, step);
    }

    private Slots update(
            Upload upload, List<RiteFactor> factors, Side side, double clip, long step) {
        int layers = factors.size();
        var keep = new DMatrixRMaj[layers];
        var add = new DMatrixRMaj[layers];
        var second = new DMatrixRMaj[layers];
        var escape = new DMatrixRMaj[layers];
        var inverseRoot = new DMatrixRMaj[layers];
        for (int layer = 0; layer < layers; layer++) {
            var factor = factors.get(layer);
            factor.scale(clip);
            var update = factor.update(side.second().matrices()[layer], side.escape(layer), step);
            keep[layer] = update.keep();
            add[layer] = update.add();
            second[layer] = update.second();
            escape[layer] = new DMatrixRMaj(new double[][] {{update.escape()}});
            inverseRoot[layer] = factor.inverseRoot();
        }
        return new Slots(
                upload.add(keep),
                upload.add(add),
                upload.add(second),
                upload.add(escape),
                upload.add(inverseRoot));
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
