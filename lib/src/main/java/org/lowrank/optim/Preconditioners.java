package org.lowrank.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.rule.GradientRule;
import org.lowrank.rule.StackAlgebra;
import org.lowrank.rule.Upload;

/**
 * The preconditioners of a rule without mixing terms, on the device, for a method that applies them
 * to its momentum as well as to the gradient. One transfer each way.
 */
final class Preconditioners implements AutoCloseable {

    /**
     * @param leftA (layers, r, r), float64
     * @param rightB (layers, r, r), float64
     */
    record OfStack(NDArray leftA, NDArray rightB) {}

    private final Upload upload;
    private final List<OfStack> stacks;

    private Preconditioners(Upload upload, List<OfStack> stacks) {
        this.upload = upload;
        this.stacks = stacks;
    }

    /**
     * @throws ArithmeticException as the rule; the message begins with the path of the pair
     */
    static Preconditioners of(GradientRule rule, List<PairStack> stacks, List<PairGradient> raw) {
        var grams = StackAlgebra.grams(stacks, raw);
        var upload = new Upload(stacks.get(0).loraA().getManager());
        var left = new ArrayList<Upload.Slot>();
        var right = new ArrayList<Upload.Slot>();
        for (int i = 0; i < stacks.size(); i++) {
            var coefficients = StackAlgebra.coefficients(rule, stacks.get(i), grams.get(i));
            var all = Arrays.stream(coefficients);
            left.add(upload.add(all.map(c -> c.leftA()).toArray(DMatrixRMaj[]::new)));
            all = Arrays.stream(coefficients);
            right.add(upload.add(all.map(c -> c.rightB()).toArray(DMatrixRMaj[]::new)));
        }
        upload.transfer();
        var arrays = new ArrayList<OfStack>();
        for (int i = 0; i < stacks.size(); i++) {
            arrays.add(
                    new OfStack(
                            left.get(i).as(DataType.FLOAT64), right.get(i).as(DataType.FLOAT64)));
        }
        return new Preconditioners(upload, arrays);
    }

    OfStack ofStack(int index) {
        return stacks.get(index);
    }

    @Override
    public void close() {
        upload.close();
    }
}
