package org.lowrank.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lowrank.config.Json;
import org.lowrank.config.Problems;

class TasksTest {

    private record Review(String words, String verdict) {}

    private static List<Review> reviews(int count) {
        var rows = new ArrayList<Review>();
        for (int i = 0; i < count; i++) {
            rows.add(new Review("review number " + i, i % 4 == 0 ? "poor" : "fine"));
        }
        return rows;
    }

    private static TextClassification task(List<Review> rows) {
        return TextClassification.of(rows, Review::words, Review::verdict);
    }

    private static TaskConfig config(String name) {
        return new TaskConfig(name, null, null, null, null, null);
    }

    @Test
    void theMetricOfTheTablesStandsFirst() {
        assertEquals(List.of("matthews", "accuracy", "f1"), Tasks.named("glue/cola").metrics());
        assertEquals(List.of("accuracy", "matthews"), Tasks.named("glue/mnli").metrics());
        assertEquals(List.of("pearson", "spearman"), Tasks.named("glue/sts-b").metrics());
        assertEquals(List.of("accuracy", "matthews"), Tasks.named("trec").metrics());
        assertFalse(Tasks.isOfThisSession("glue/cola"));
        assertNull(Tasks.complete(config("glue/cola")).code());
        assertFalse(Json.line(config("glue/cola")).contains("code"));
    }

    @Test
    void recordsAtHandBecomeThreeSplitsWithTheSharesOfTheClasses() {
        var rows = reviews(100);
        var table =
                new TextTable(
                        rows.stream().map(Review::words).toList(),
                        rows.stream().map(Review::verdict).toList());
        var data = table.read(config("reviews"));
        assertEquals(List.of("fine", "poor"), data.labelNames());
        assertEquals(20, data.test().size());
        assertEquals(8, data.validation().size());
        assertEquals(72, data.train().size());
        for (var split : data.splits()) {
            assertEquals(0.75, split.majorityRate(), 1e-12);
        }
        assertEquals(data.test().sha256(), table.read(config("reviews")).test().sha256());
        var other = new TaskConfig("reviews", null, 16, null, null, 2L);
        assertEquals(16, table.read(other).validation().size());
        assertNotEquals(data.test().sha256(), table.read(other).test().sha256());
    }

    @Test
    void aTaskOfThisSessionIsNamedByItsRows() {
        Tasks.register("tests/reviews", "reviews", task(reviews(40)));
        assertTrue(Tasks.isOfThisSession("tests/reviews"));
        var first = Tasks.complete(config("tests/reviews"));
        assertEquals(16, first.code().length());
        assertEquals(List.of("accuracy", "f1", "matthews"), Tasks.of(first).metrics());
        Tasks.register("tests/reviews", "the same", task(reviews(40)));
        assertEquals(first, Tasks.complete(config("tests/reviews")));
        Tasks.register("tests/reviews", "more of them", task(reviews(41)));
        assertNotEquals(first, Tasks.complete(config("tests/reviews")));
        var stale = assertThrows(IllegalArgumentException.class, () -> Tasks.of(first));
        assertTrue(stale.getMessage().contains("plan it again"), stale.getMessage());
    }

    @Test
    void whatCannotBeRunIsSaidWithWhatCan() {
        var problems = new Problems("");
        var short2 = new TaskConfig("glue/mrpc", null, null, null, 4, null);
        Tasks.check(short2, "all-MiniLM", problems);
        assertEquals(2, problems.list().size(), problems.list().toString());
        assertTrue(problems.list().get(0).startsWith("model is \"all-MiniLM\"; allowed: "));
        assertTrue(problems.list().get(1).contains("a token of each of two sentences"));
        var path = new Problems("");
        Tasks.check(config("glue/mrpc"), System.getProperty("java.io.tmpdir"), path);
        assertEquals(List.of(), path.list());
        var none = new Problems("");
        Tasks.check(config("glue/mrcp"), "bge-small-en-v1.5", none);
        assertTrue(none.list().get(0).contains("glue/cola, glue/sst-2"));
    }
}
