package org.lowrank.optim;

/** A gradient rule and a stage as a reader writes them in a notebook's cell. */
public final class OwnOptimizers {

    public static final String IMPORTS =
            """
            import ai.djl.ndarray.*;
            import java.util.*;
            import org.ejml.data.DMatrixRMaj;
            import org.lowrank.config.*;
            import org.lowrank.linalg.*;
            import org.lowrank.optim.*;
            import org.lowrank.rule.*;
            """;

    public static final String CELL =
            """
            record Tempered(double damping, double power) implements GradientRule {
                public Coefficients coefficients(PairGrams g) {
                    return Coefficients.preconditioners(root(g.gramB()), root(g.gramA()));
                }
                DMatrixRMaj root(Gram gram) {
                    return gram.damped(damping).eigen().map(0, v -> Math.pow(v, -power));
                }
            }
            record Lion(double beta1, double beta2) implements FactorStage {
                public List<String> names() { return List.of("momentum"); }
                public NDArray direction(FactorStep f, NDArray g) {
                    var m = f.kept("momentum");
                    var d = m.mul(beta1).addi(g.mul(1 - beta1)).sign();
                    m.muli(beta2).addi(g.mul(1 - beta2));
                    return d;
                }
            }
            var power = Option.number("power", 0.5, "0 to 1", v -> v >= 0 && v <= 1,
                    "0 is AdamW, 1 is scaled AdamW");
            Optimizers.register("tempered", "AdamW along tempered gradients",
                    Option.all(List.of(power), AdamMoments.OPTIONS, Decay.OPTIONS),
                    o -> PairOptimizer.of(new FollowRule(new Tempered(1e-6, o.get(power))),
                            AdamMoments.from(o), Decay.from(o)));
            Optimizers.register("lion", "Lion on A and B", Decay.OPTIONS,
                    o -> PairOptimizer.of(new Lion(0.9, 0.99), Decay.from(o)));
            """;

    private OwnOptimizers() {}
}
