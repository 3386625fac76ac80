package org.lowrank.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

class TorchProgramTest {

    private static final String METHODS =
            """
            def affine(self, x: Tensor, w: Tensor) -> Tensor:
              return torch.matmul(x, torch.t(w))
            def shifted(self, x: Tensor, n: int, by: float, flip: bool) -> Tensor:
              y = torch.roll(x, [n], [0])
              if flip:
                y = torch.neg(y)
              return torch.add(y, by)
            def joined(self, parts: List[Tensor], shape: List[int]) -> Tuple[Tensor, Tensor]:
              x = torch.cat(parts, 0)
              return (torch.reshape(x, shape), torch.sum(x))
            """;

    @Test
    void aProgramHasSeveralMethodsOfAnyArguments() {
        try (var program = TorchProgram.of(METHODS);
                var manager = NDManager.newBaseManager()) {
            var x = manager.create(new float[] {1, 2, 3});
            var shifted = program.run(manager, "shifted", x, 1, 0.5, true).singletonOrThrow();
            assertArrayEquals(new float[] {-2.5f, -0.5f, -1.5f}, shifted.toFloatArray());
            var y = manager.create(new float[] {4});
            var both = program.run(manager, "joined", List.of(x, y), new long[] {2, 2});
            assertEquals(new Shape(2, 2), both.get(0).getShape());
            assertEquals(10, both.get(1).getFloat());
            assertEquals(manager, both.get(1).getManager());
        }
    }

    @Test
    void aRecordedMethodIsDifferentiated() {
        try (var program = TorchProgram.of(METHODS);
                var manager = NDManager.newBaseManager()) {
            var x = manager.create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(2, 3));
            var w = manager.create(new float[] {1, -1, 2}, new Shape(1, 3));
            w.setRequiresGradient(true);
            try (var collector = Engine.getInstance().newGradientCollector()) {
                var y = program.recorded("affine", x, w).singletonOrThrow();
                assertArrayEquals(new float[] {5, 11}, y.toFloatArray());
                collector.backward(y.sum());
            }
            assertArrayEquals(new float[] {5, 7, 9}, w.getGradient().toFloatArray());
        }
    }

    @Test
    void bitsOfBfloat16TravelAsFloat16AndComeBack() {
        var text =
                """
                def widened(self, bits: Tensor) -> Tensor:
                  return torch.to(torch.view_copy(bits, dtype=15), 6)
                def narrowed(self, x: Tensor) -> Tensor:
                  return torch.to(x, 15)
                def plus(self, opaque: Tensor, x: Tensor) -> Tensor:
                  return torch.add(torch.to(opaque, 6), x)
                """;
        try (var program = TorchProgram.of(text);
                var manager = NDManager.newBaseManager()) {
            var bits = manager.create(new byte[] {(byte) 0x80, 0x3f, 0x20, (byte) 0xc0});
            // two numbers of 16 bits each: 1 and -2.5, low byte first
            var asUint8 = bits.toType(DataType.UINT8, false).reshape(2, 2);
            var wide = program.run(manager, "widened", asUint8).singletonOrThrow();
            assertArrayEquals(new float[] {1, -2.5f}, wide.flatten().toFloatArray());
            var opaque = program.run(manager, "narrowed", wide).singletonOrThrow();
            var sum = program.run(manager, "plus", opaque, wide).singletonOrThrow();
            assertArrayEquals(new float[] {2, -5}, sum.flatten().toFloatArray());
        }
    }

    @Test
    void aTextThatPyTorchDoesNotReadIsRefusedWithItsReason() {
        var refusal =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> TorchProgram.of("def f(self, x: Tensor) -> Tensor:\n  return y\n"));
        assertTrue(refusal.getMessage().contains("undefined value y"), refusal.getMessage());
    }
}
