package org.lowrank.model.head;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.core.Linear;
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

    private static final String TEXT =
            """
            def each(self, logits: Tensor, labels: Tensor) -> Tensor:
              wanted = torch.gather(logits, 1, torch.unsqueeze(labels, 1))
              return torch.sub(torch.logsumexp(logits, [1]), torch.squeeze(wanted, 1))

            def of_head(self, hidden: Tensor, head: Tensor, labels: Tensor, rows: int, wanted: bool,
                threads: int) -> List[Tensor]:
              # the losses and, if wanted, the gradient of each by its own row of the hidden states
              h = hidden.detach()
              losses = annotate(List[Tensor], [])
              gradients = annotate(List[Tensor], [])
              for start in range(0, h.size(0), rows):
                some = h[start:start + rows]
                label = labels[start:start + rows].unsqueeze(1)
                z = self.product(some, head, None, None, threads)
                sum = torch.logsumexp(z, [1], True)
                losses.append((sum - torch.gather(z, 1, label)).squeeze(1))
                if wanted:
                  z.sub_(sum).exp_()
                  z.scatter_add_(1, label, torch.full_like(sum, -1))
                  gradients.append(self.product(z, head.t(), None, None, threads))
              if wanted:
                return [torch.cat(losses), torch.cat(gradients)]
              return [torch.cat(losses)]
            """;

    /** Rows of hidden states at a time, so that their logits stay in the cache. */
    public static final int ROWS = 128;

    private TokenLoss() {}

    /** Compiled when it is first asked for. */
    private static final class Compiled {
        static final TorchProgram PROGRAM = FrozenProduct.with(TEXT);
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
     * @param head (vocabulary, width), float32
     */
    public static NDArray each(NDArray hidden, NDArray head, NDArray labels) {
        if (Tape.isRecording()) {
            return Tape.through(hidden, false, new OfHead(hidden, head, labels));
        }
        if (Arrays.graphIsRecorded()) {
            return each(Linear.linear(hidden, head).singletonOrThrow(), labels);
        }
        return losses(hidden, head, labels, false, hidden.getManager()).singletonOrThrow();
    }

    private static NDList losses(
            NDArray hidden, NDArray head, NDArray labels, boolean wanted, NDManager owner) {
        return Compiled.PROGRAM.run(
                owner, "of_head", hidden, head, labels, ROWS, wanted, Machine.threads());
    }

    private static final class OfHead implements Tape.Stage {

        private final NDArray hidden;
        private final NDArray head;
        private final NDArray labels;
        private NDArray byRow;

        OfHead(NDArray hidden, NDArray head, NDArray labels) {
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
