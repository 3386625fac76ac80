package org.lowrank.model.head;

import ai.djl.ndarray.NDArray;
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
            """;

    private TokenLoss() {}

    /** Compiled when it is first asked for. */
    private static final class Compiled {
        static final TorchProgram PROGRAM = TorchProgram.of(TEXT);
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
}
