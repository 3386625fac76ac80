package org.lowrank.soundness;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A garbage collection between forward and backward changes no bit of any gradient. */
class CollectionTest {

    private static final int SHORT = 10;
    private static final int LONG = 200;

    @ParameterizedTest(name = "{0}")
    @MethodSource("org.lowrank.soundness.GraphCases#all")
    void everyBlockAndLossSurvivesACollection(GraphCase graphCase) {
        CollectionCheck.passes(graphCase, SHORT);
    }

    @Test
    void theRealEncoderSurvivesACollection() {
        CollectionCheck.passes(GraphCases.realEncoder("all-MiniLM-L6-v2"), SHORT / 2);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("org.lowrank.soundness.GraphCases#all")
    @Tag("soak")
    void everyBlockAndLossSurvivesTwoHundredCollections(GraphCase graphCase) {
        CollectionCheck.passes(graphCase, LONG);
    }

    @Test
    @Tag("soak")
    void theRealEncoderSurvivesTwoHundredCollections() {
        CollectionCheck.passes(GraphCases.realEncoder("all-MiniLM-L6-v2"), LONG);
    }

    @Test
    void theCheckSeesAJavaNumberInAGraph() {
        var unsafe =
                new GraphCase(
                        "x times a Java number",
                        manager -> {
                            var x = manager.ones(new Shape(4), DataType.FLOAT32);
                            x.setRequiresGradient(true);
                            return new GraphCase.Graph(
                                    Map.of("x", x),
                                    step -> {
                                        var product = x.mul(2f);
                                        product.attach(step);
                                        return product.sum();
                                    });
                        });
        var error = assertThrows(AssertionError.class, () -> CollectionCheck.passes(unsafe, LONG));
        assertTrue(error.getMessage().contains("x times a Java number"), error.getMessage());
    }
}
