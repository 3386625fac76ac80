package org.lowrank.engine;

/**
 * Products with weights that nobody trains, as a method that programs share: {@code self.product(x,
 * w, b, to, threads)} is x wᵀ + b + to, with b and to optional, outside every graph. oneDNN makes
 * the sums in the same pass, and on some processors it is an eighth faster than the library behind
 * PyTorch's {@code linear}.
 */
public final class FrozenProduct {

    private static final String METHOD =
            """
            def product(self, x: Tensor, w: Tensor, b: Optional[Tensor], to: Optional[Tensor], threads: int) -> Tensor:
              # on several threads oneDNN is behind where it has to turn wide rows of w, which it does on one
              if x.is_cuda or (threads > 1 and w.is_contiguous() and w.size(1) > 2 * w.size(0)):
                y = torch.linear(x, w, b)
                if to is not None:
                  y.add_(to)
              elif to is not None:
                y = ops.mkldnn._linear_pointwise(x, to, w, b, "add")
              else:
                y = ops.mkldnn._linear_pointwise(x, w, b, "none", annotate(List[Optional[number]], []), "")
              return y

            """;

    private FrozenProduct() {}

    /**
     * A program that may call the method.
     *
     * @param methods as {@link TorchProgram#of} takes them
     */
    public static TorchProgram with(String methods) {
        try {
            return TorchProgram.of(METHOD + methods);
        } catch (IllegalArgumentException e) {
            if (!e.getMessage().contains("Unknown builtin op: mkldnn")) {
                throw e;
            }
            return TorchProgram.of(withoutOneDnn() + methods); // a build for another processor
        }
    }

    /** The same by PyTorch's own product. */
    static String withoutOneDnn() {
        return METHOD.replaceAll("if x\\.is_cuda.*:", "if True:")
                .replaceAll("ops\\.mkldnn\\._linear_pointwise\\(.*\\)", "torch.linear(x, w, b)");
    }

    /** For the test of both. */
    static String method() {
        return METHOD;
    }
}
