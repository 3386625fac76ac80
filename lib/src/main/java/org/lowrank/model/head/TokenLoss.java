package org.lowrank.model.head;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.Collections;
import org.lowrank.adapter.FrozenWeight;
import org.lowrank.engine.Arrays;
import org.lowrank.engine.FrozenProduct;
import org.lowrank.engine.Machine;
import org.lowrank.engine.Tape;
import org.lowrank.engine.TorchProgram;

/**
 * −log p of each wanted token, log Σⱼ exp zⱼ − z_label. The engine's log-softmax adds up a large
 * vocabulary one by one in float32 (biased by 2e-5 at 49,152 tokens); its log-sum-exp adds
 * pairwise, and keeps no (tokens, vocabulary) array for the backward pass beside the logits
 * themselves.
 */
public final class TokenLoss {

    private static final String EACH =
            """
            def each(self, logits: Tensor, labels: Tensor) -> Tensor:
              wanted = torch.gather(logits, 1, torch.unsqueeze(labels, 1))
              return torch.sub(torch.logsumexp(logits, [1]), torch.squeeze(wanted, 1))
            """;

    private static final FrozenProduct OF_HEAD =
            new FrozenProduct(
                    """
                    def of_head(self, hidden: Tensor, head: Tensor, kind: int, labels: Tensor, rows: int,
                        wanted: bool, threads: int) -> List[Tensor]:
                      # the losses and, if wanted, the gradient of each by its own row of the hidden states
                      h = hidden.detach()
                      losses = annotate(List[Tensor], [])
                      gradients = annotate(List[Tensor], [])
                      for start in range(0, h.size(0), rows):
                        some = h[start:start + rows]
                        label = labels[start:start + rows].unsqueeze(1)
                        z = self.through(some, head, kind, None, None, threads)
                        sum = torch.logsumexp(z, [1], True)
                        losses.append((sum - torch.gather(z, 1, label)).squeeze(1))
                        if wanted:
                          z.sub_(sum).exp_()
                          z.scatter_add_(1, label, torch.full_like(sum, -1))
                          gradients.append(self.back_through(z, head, kind, None))
                      if wanted:
                        return [torch.cat(losses), torch.cat(gradients)]
                      return [torch.cat(losses)]
                    """);

    /** Rows of hidden states at a time, so that their logits stay in the cache. */
    public static final int ROWS = 128;

    /** The same where the numbers of the head are made anew each time. */
    public static final int ROWS_OF_PACKED = 256;

    private TokenLoss() {}

    /** Compiled when it is first asked for. */
    private static final class Compiled {
        static final TorchProgram PROGRAM = TorchProgram.of(EACH);
    }

    /**
     * The loss of each token, recorded for differentiation.
     *
     * @param logits (n, vocabulary), float32
     * @param labels (n), int64, each a token of the vocabulary
     * @return (n)
     */
    public static NDArray each(NDArray logits, NDArray labels) {
        return Compiled.PROGRAM.recorded("each", logits, labels).singletonOrThrow();
    }

    /**
     * The same of hidden states and a head that nobody trains, without an array (n, vocabulary):
     * some rows are multiplied at a time. A token's loss depends on its own row alone, so that its
     * gradient is known in the forward pass but for a factor.
     *
     * @param hidden (n, width), float32
     * @param head (vocabulary, width), float32 or packed
     */
    public static NDArray each(NDArray hidden, FrozenWeight head, NDArray labels) {
        if (Tape.isRecording()) {
            return Tape.through(hidden, false, new OfHead(hidden, head, labels));
        }
        if (Arrays.graphIsRecorded()) {
            return each(head.product(hidden, null), labels);
        }
        return losses(hidden, head, labels, false, hidden.getManager()).singletonOrThrow();
    }

    private static NDList losses(
            NDArray hidden, FrozenWeight head, NDArray labels, boolean wanted, NDManager owner) {
        var packing = head.packing();
        return OF_HEAD.of(Collections.singleton(packing))
                .run(
                        owner,
                        "of_head",
                        hidden,
                        head.stored(),
                        FrozenProduct.kind(packing),
                        labels,
                        packing == null ? ROWS : ROWS_OF_PACKED,
                        wanted,
                        Machine.threads());
    }

    private static final class OfHead implements Tape.Stage {

        private final NDArray hidden;
        private final FrozenWeight head;
        private final NDArray labels;
        private NDArray byRow;

        OfHead(NDArray hidden, FrozenWeight head, NDArray labels) {
            this.hidden = hidden;
            this.head = head;
            this.labels = labels;
        }

        @Override
        public NDArray forward(NDManager kept) {
            var both = losses(hidden, head, labels, true, kept);
            byRow = both.get(1);
            var value = both.get(0).duplicate();
            value.attach(hidden.getManager());
            return value;
        }

        @Override
        public NDArray back(NDArray gradient, boolean wanted) {
            return byRow.mul(gradient.reshape(-1, 1));
        }
    }
}
