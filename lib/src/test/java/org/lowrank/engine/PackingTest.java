package org.lowrank.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lowrank.weights.GgufBuilder;
import org.lowrank.weights.TensorSources;

/** Numbers in few bits, and the products with them, against the same numbers in float32. */
class PackingTest {

    private static final int ROWS = 37;
    private static final int COLUMNS = 768;

    /** GGUF's numbers of the types. */
    private static int code(Packing packing) {
        return switch (packing) {
            case FLOAT16 -> 1;
            case Q4_0 -> 2;
            case Q4_1 -> 3;
            case Q5_0 -> 6;
            case Q8_0 -> 8;
            case Q4_K -> 12;
            case Q6_K -> 14;
            case BFLOAT16 -> 30;
        };
    }

    @TempDir private Path folder;
    private NDManager manager;
    private final Random random = new Random(3);

    @BeforeEach
    void setUp() {
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void tearDown() {
        manager.close();
    }

    /** Any bytes, but for exponents that make infinities of 16 bits. */
    private byte[] bytes(Packing packing) {
        var shape = packing.packed(ROWS, COLUMNS);
        var bytes = new byte[(int) shape.size()];
        random.nextBytes(bytes);
        for (int i = 1; i < bytes.length; i += 2) {
            bytes[i] &= (byte) 0xbb; // no exponent is full, wherever a scale may lie
        }
        for (int i = 0; i < bytes.length; i += 2) {
            bytes[i] &= (byte) 0xbb;
        }
        return bytes;
    }

    private NDArray array(byte[] bytes, Packing packing) {
        var shape = packing.packed(ROWS, COLUMNS);
        try (var over = manager.create(ByteBuffer.wrap(bytes), shape, DataType.UINT8)) {
            return over.duplicate();
        }
    }

    private float[] read(byte[] bytes, Packing packing) throws IOException {
        var file =
                new GgufBuilder()
                        .meta("general.architecture", "llama")
                        .tensor("w", code(packing), bytes, COLUMNS, ROWS)
                        .file();
        try (var source = TensorSources.open(Files.write(folder.resolve("w.gguf"), file))) {
            return source.floats("w");
        }
    }

    private NDArray normal(long... shape) {
        return manager.randomNormal(0, 1, new Shape(shape), DataType.FLOAT32);
    }

    @ParameterizedTest
    @EnumSource(Packing.class)
    void numbersAreThoseThatTheReaderOfFilesMakesOfTheBytes(Packing packing) throws IOException {
        var bytes = bytes(packing);
        var packed = array(bytes, packing);
        assertEquals(COLUMNS, packing.columns(packed));
        var dense = packing.dense(packed, manager);
        assertEquals(new Shape(ROWS, COLUMNS), dense.getShape());
        assertArrayEquals(read(bytes, packing), dense.toFloatArray());
        var ids = manager.create(new long[] {36, 0, 0, 5}, new Shape(2, 2));
        var rows = packing.rows(ids, packed);
        assertEquals(new Shape(2, 2, COLUMNS), rows.getShape());
        assertArrayEquals(
                dense.get(manager.create(new long[] {36, 0, 0, 5})).toFloatArray(),
                rows.toFloatArray());
    }

    @ParameterizedTest
    @EnumSource(Packing.class)
    void productAndGradientAreTheEnginesWithTheSameNumbersToTheBit(Packing packing) {
        var packed = array(bytes(packing), packing);
        var dense = packing.dense(packed, manager);
        var x = normal(10, COLUMNS);
        var bias = normal(ROWS);
        var g = normal(10, ROWS);
        x.setRequiresGradient(true);
        float[] expected;
        try (var collector = Engine.getInstance().newGradientCollector()) {
            var y = ai.djl.nn.core.Linear.linear(x, dense, bias).singletonOrThrow();
            expected = y.toFloatArray();
            collector.backward(y.mul(g).sum());
        }
        assertArrayEquals(expected, packing.product(x, packed, bias).toFloatArray());
        var gradient = x.getGradient().toFloatArray();
        assertArrayEquals(gradient, packing.back(g, packed).toFloatArray());
        Arrays.zeroGradient(x);
        try (var tape = Tape.recording()) {
            var value = packing.product(x, packed, bias);
            var y = Tape.function(x, value, by -> packing.back(by, packed));
            tape.backward(y.mul(g).sum());
        }
        assertArrayEquals(gradient, x.getGradient().toFloatArray());
    }

    private static final String SHARED =
            """
            def on(self, x: Tensor, w: Tensor, kind: int, b: Tensor, to: Tensor) -> Tensor:
              return self.through(x, w, kind, b, to, 1)
            def back(self, g: Tensor, w: Tensor, kind: int, to: Tensor) -> Tensor:
              return self.back_through(g, w, kind, to)
            """;

    private float[] shared(TorchProgram program, String method, Object... arguments) {
        return program.run(manager, method, arguments).singletonOrThrow().toFloatArray();
    }

    @ParameterizedTest
    @EnumSource(Packing.class)
    void programsShareTheProductsOfWeightsOfEveryKind(Packing packing) {
        var packed = array(bytes(packing), packing);
        var dense = packing.dense(packed, manager);
        var x = normal(10, COLUMNS);
        var g = normal(10, ROWS);
        var bias = normal(ROWS);
        try (var program = new FrozenProduct(SHARED).of(List.of(packing))) {
            assertArrayEquals(
                    shared(program, "on", x, dense, 0, bias, g),
                    shared(program, "on", x, packed, FrozenProduct.kind(packing), bias, g));
            assertArrayEquals(
                    shared(program, "back", g, dense, 0, x),
                    shared(program, "back", g, packed, FrozenProduct.kind(packing), x));
        }
    }

    @Test
    void numbersAreRoundedToTheNearestOfTheirSixteenBits() {
        var x =
                manager.create(
                        new float[] {1, 1 + 0x1p-8f, 1 + 0x1.8p-7f, -3.14159f}, new Shape(2, 2));
        var bfloat = Packing.BFLOAT16.dense(Packing.BFLOAT16.of(x, manager), manager);
        assertArrayEquals(new float[] {1, 1, 1 + 0x1p-6f, -3.140625f}, bfloat.toFloatArray());
        var half = Packing.FLOAT16.dense(Packing.FLOAT16.of(x, manager), manager);
        assertArrayEquals(
                new float[] {1, 1 + 0x1p-8f, 1 + 0x1.8p-7f, -3.140625f}, half.toFloatArray());
        var refusal =
                assertThrows(
                        UnsupportedOperationException.class, () -> Packing.Q8_0.of(x, manager));
        assertTrue(refusal.getMessage().contains("bfloat16 and float16 take any"));
    }

    @Test
    void aLargeMatrixIsTakenInPieces() {
        long columns = 1024;
        long rows = Packing.AT_ONCE / columns + 3;
        var values = manager.randomNormal(0, 1, new Shape(rows, columns), DataType.FLOAT32);
        var packed = Packing.BFLOAT16.of(values, manager);
        var dense = Packing.BFLOAT16.dense(packed, manager);
        var x = normal(3, columns);
        var bias = normal(rows);
        var y = Packing.BFLOAT16.product(x, packed, bias);
        var expected = x.matMul(dense.transpose()).add(bias);
        assertEquals(0, y.sub(expected).abs().max().getFloat(), 1e-4);
        var g = normal(3, rows);
        var back = Packing.BFLOAT16.back(g, packed);
        assertEquals(0, back.sub(g.matMul(dense)).abs().max().getFloat(), 2e-3);
        try (var program = new FrozenProduct(SHARED).of(List.of(Packing.BFLOAT16))) {
            int kind = FrozenProduct.kind(Packing.BFLOAT16);
            var sum = program.run(manager, "on", x, packed, kind, bias, g).singletonOrThrow();
            assertEquals(0, sum.sub(expected.add(g)).abs().max().getFloat(), 1e-4);
            var by = program.run(manager, "back", g, packed, kind, x).singletonOrThrow();
            assertEquals(0, by.sub(g.matMul(dense).add(x)).abs().max().getFloat(), 2e-3);
        }
    }
}
