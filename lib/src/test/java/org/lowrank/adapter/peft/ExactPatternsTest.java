package org.lowrank.adapter.peft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.lowrank.adapter.LoraConfig;

class ExactPatternsTest {

    @Test
    void aPathThatEndsAnotherOneDoesNotReachIt() {
        var ranks = Map.of("a.b", 2, "x.a.b", 8, "x.c", 8, "y.xa.b", 8);
        var patterns = ExactPatterns.of(ranks, 8);
        assertEquals(List.of("x.a.b", "a.b"), List.copyOf(patterns.keySet()));
        var config = LoraConfig.ofRank(8).withPatterns(patterns, Map.of());
        ranks.forEach((path, rank) -> assertEquals(rank, config.rank(path), path));
    }

    @Test
    void nothingIsListedWhereAllAreAsUsual() {
        assertEquals(Map.of(), ExactPatterns.of(Map.of("a.b", 2, "x.a.b", 2), 2));
    }
}
