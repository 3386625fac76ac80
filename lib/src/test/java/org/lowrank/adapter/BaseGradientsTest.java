package org.lowrank.adapter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BaseGradientsTest {

    private static final String PATH = "block.1.first";
    private NDManager manager;
    private TinyMlp model;

    @BeforeEach
    void setUp() {
        manager = NDManager.newBaseManager();
        model = new TinyMlp(manager, 2, 20, 28, 20, 1);
    }

    @AfterEach
    void tearDown() {
        manager.close();
    }

    private NDArray x(NDManager owner) {
        return owner.arange(60f).reshape(new Shape(3, 20)).div(30).sub(1);
    }

    @Test
    void estimatedGradientsAreThoseOfTheLossAndLeaveNothingInTheBase() {
        // loss = sum of outputs of one linear map: dW = sum of the inputs in every row
        try (var gradients =
                BaseGradients.estimate(
                        model,
                        4,
                        (step, batch) ->
                                model.linears()
                                        .get("block.0.first")
                                        .forward(x(step), true)
                                        .sum())) {
            var column = x(manager).sum(new int[] {0}).toFloatArray();
            for (int row = 0; row < 28; row += 9) {
                assertArrayEquals(
                        column, gradients.at("block.0.first").get(row).toFloatArray(), 1e-5f);
            }
            var error = assertThrows(IllegalArgumentException.class, () -> gradients.at(PATH));
            assertTrue(error.getMessage().contains("is 0.0"), error.getMessage());
        }
        model.parameters().values().forEach(p -> assertFalse(p.hasGradient()));
    }

    @Test
    void aLossThatThrowsLeavesNothingBehind() {
        var owner = new NDManager[1];
        var error =
                assertThrows(
                        IllegalStateException.class,
                        () ->
                                BaseGradients.estimate(
                                        model,
                                        2,
                                        (step, batch) -> {
                                            owner[0] = step.getParentManager();
                                            throw new IllegalStateException("no such row");
                                        }));
        assertEquals("no such row", error.getMessage());
        assertFalse(owner[0].isOpen());
        model.parameters().values().forEach(p -> assertFalse(p.hasGradient()));
    }
}
