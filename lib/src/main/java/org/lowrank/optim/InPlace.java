package org.lowrank.optim;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.stream.IntStream;
import org.lowrank.engine.Arrays;
import org.lowrank.engine.TorchProgram;

/**
 * The end of a chain: stages that treat every factor by itself, and the move of the factors in
 * place, by PyTorch's own kernels, which go through memory once; the engine's arrays would need a
 * pass an operation. {@link AdamStage} with {@link Decay} is AdamW, which PyTorch has whole; any
 * other stages go one after the other, part by part.
 */
final class InPlace {

    private final List<FactorStage> stages;

    /** Without those that change nothing. */
    private final List<FactorStage> working;

    InPlace(List<FactorStage> stages) {
        this.stages = List.copyOf(stages);
        working = stages.stream().filter(s -> !(s instanceof Decay d && d.isNone())).toList();
    }

    int size() {
        return stages.size();
    }

    /** Moves every factor by its direction, in place; all at one rate and count. */
    void move(List<FactorStep> factors, List<NDArray> directions) {
        if (factors.isEmpty()) {
            return;
        }
        if (working.isEmpty()) {
            descend(factors, directions);
        } else if (isAdamW()) {
            var first = (AdamStage) working.get(0);
            double decay = working.size() == 1 ? 0 : ((Decay) working.get(1)).weightDecay();
            var counted = factors.stream().map(first::counted).toList();
            adamW(first.adam(), decay, counted, directions);
        } else {
            for (int i = 0; i < factors.size(); i++) {
                move(factors.get(i), directions.get(i));
            }
        }
    }

    private boolean isAdamW() {
        return working.get(0) instanceof AdamStage
                && (working.size() == 1
                        || working.size() == 2
                                && working.get(1) instanceof Decay decay
                                && decay.form() == Decay.Form.DECOUPLED);
    }

    /** Stage by stage, while the cache still holds the arrays of a slice. */
    private void move(FactorStep factor, NDArray g) {
        factor.inSlices(
                g,
                (slice, own) -> {
                    var direction = own;
                    for (var stage : working) {
                        direction = stage.direction(slice, direction);
                    }
                    descend(List.of(slice), List.of(direction));
                });
    }

    /** Loaded when first asked for. */
    private static final class Loaded {

        /**
         * Adam's kernel reads storage from its start whatever the strides are, so it is given what
         * lies so; the moments do. They come in lists of the caller's: PyTorch leaves out a call
         * that writes to lists which nobody reads.
         */
        static final TorchProgram PROGRAM =
                TorchProgram.of(
                        """
                        def adamW(self, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor],
                            step: float, rate: float, beta1: float, beta2: float, decay: float,
                            epsilon: float) -> Tensor:
                          q = annotate(List[Tensor], [])
                          h = annotate(List[Tensor], [])
                          numbers = annotate(List[Tensor], [])
                          number = torch.full([], step, dtype=6, device=ops.prim.device(p[0]))
                          for i in range(torch.len(p)):
                            _0 = torch.append(q, torch.contiguous(p[i]))
                            _1 = torch.append(h, torch.contiguous(g[i]))
                            _2 = torch.append(numbers, number)
                          _3 = torch._fused_adamw_(q, h, m, v, annotate(List[Tensor], []), numbers, lr=rate,
                            beta1=beta1, beta2=beta2, weight_decay=decay, eps=epsilon,
                            amsgrad=False, maximize=False)
                          for j in range(torch.len(p)):
                            if torch.is_contiguous(p[j]):
                              pass
                            else:
                              _4 = torch.copy_(p[j], q[j])
                          return number
                        def direction(self, g: Tensor, m: List[Tensor], v: List[Tensor], step: float,
                            beta1: float, beta2: float, epsilon: float) -> List[Tensor]:
                          d = [torch.zeros_like(g, memory_format=0)]
                          number = torch.full([], step, dtype=6, device=ops.prim.device(g))
                          _0 = torch._fused_adam_(d, [torch.contiguous(g)], m, v, annotate(List[Tensor], []),
                            [number], lr=-1., beta1=beta1, beta2=beta2, weight_decay=0., eps=epsilon,
                            amsgrad=False, maximize=False)
                          return d
                        def descend(self, p: List[Tensor], d: List[Tensor], rate: float) -> Tensor:
                          for i in range(torch.len(p)):
                            _0 = torch.sub_(p[i], torch.mul(d[i], rate))
                          return d[0]
                        """);
    }

    /** Adam's direction, which is how 0 moves at the rate −1. */
    static NDArray direction(AdamMoments adam, FactorStep f, NDArray g) {
        var m = f.kept("firstMoment");
        return Loaded.PROGRAM
                .run(
                        g.getManager(),
                        "direction",
                        Arrays.as(g, m),
                        List.of(m),
                        List.of(f.kept("secondMoment")),
                        (double) f.number(),
                        adam.beta1(),
                        adam.beta2(),
                        adam.epsilon())
                .singletonOrThrow();
    }

    /** A step of AdamW on factors of one rate and one count. */
    static void adamW(AdamMoments adam, double decay, List<FactorStep> of, List<NDArray> gs) {
        var f = of.get(0);
        var moved =
                Loaded.PROGRAM.run(
                        f.factor().getManager(),
                        "adamW",
                        of.stream().map(FactorStep::factor).toList(),
                        like(of, gs),
                        of.stream().map(each -> each.kept("firstMoment")).toList(),
                        of.stream().map(each -> each.kept("secondMoment")).toList(),
                        (double) f.number(),
                        f.learningRate(),
                        adam.beta1(),
                        adam.beta2(),
                        decay,
                        adam.epsilon());
        moved.close();
    }

    /** The one place that moves what is trained: p ← p − rate · direction, at one rate. */
    static void descend(List<FactorStep> of, List<NDArray> directions) {
        var f = of.get(0);
        var moved =
                Loaded.PROGRAM.run(
                        f.factor().getManager(),
                        "descend",
                        of.stream().map(FactorStep::factor).toList(),
                        directions,
                        f.learningRate());
        moved.close();
    }

    private static List<NDArray> like(List<FactorStep> of, List<NDArray> gs) {
        return IntStream.range(0, of.size())
                .mapToObj(i -> Arrays.as(gs.get(i), of.get(i).factor()))
                .toList();
    }
}
