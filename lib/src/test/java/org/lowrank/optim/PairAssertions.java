package org.lowrank.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.DataType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.lowrank.optim.QuadraticPairs.Start;

/** Pairs to step, and what can be said of two sets of them after some steps. */
final class PairAssertions {

    private PairAssertions() {}

    static QuadraticPairs pairs() {
        return pairs(DataType.FLOAT64);
    }

    static QuadraticPairs pairs(DataType type) {
        return new QuadraticPairs(type, QuadraticPairs.fivePairs(1));
    }

    /** The same pairs, in another order and with one shape cut into two stacks. */
    static List<List<Start>> regrouped(List<List<Start>> groups) {
        var first = groups.get(0);
        var second = groups.get(1);
        return List.of(
                List.of(second.get(1), second.get(0)),
                List.of(first.get(2)),
                List.of(first.get(1), first.get(0)));
    }

    static List<List<Start>> regrouped(Map<String, Start> pairs) {
        var groups = new ArrayList<List<Start>>();
        for (var group : QuadraticPairs.fivePairs(1)) {
            groups.add(group.stream().map(s -> pairs.get(s.path())).toList());
        }
        return regrouped(groups);
    }

    /** The pairs as they stand now. */
    static Map<String, Start> now(QuadraticPairs pairs) {
        var now = new HashMap<String, Start>();
        for (var group : QuadraticPairs.fivePairs(1)) {
            for (var s : group) {
                now.put(s.path(), s.withFactors(pairs.a(s.path()), pairs.b(s.path())));
            }
        }
        return now;
    }

    static void assertUnchanged(Map<String, Start> before, QuadraticPairs pairs) {
        for (var old : before.values()) {
            assertArrayEquals(old.a().data, pairs.a(old.path()).data, old.path());
            assertArrayEquals(old.b().data, pairs.b(old.path()).data, old.path());
        }
    }

    static void assertSameFactors(QuadraticPairs one, QuadraticPairs other) {
        assertUnchanged(now(one), other);
    }

    static void assertCloseFactors(QuadraticPairs one, QuadraticPairs other) {
        for (var path : one.paths()) {
            close(one.a(path), other.a(path), 1e-10);
            close(one.b(path), other.b(path), 1e-10);
        }
    }

    static void close(DMatrixRMaj expected, DMatrixRMaj actual, double tolerance) {
        double error = Matrices.relativeError(actual, expected);
        assertTrue(error <= tolerance, "off by " + error + " relative");
    }

    static byte[] saved(PairOptimizer optimizer) throws IOException {
        var bytes = new ByteArrayOutputStream();
        optimizer.save(new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    static DataInputStream reader(byte[] bytes) {
        return new DataInputStream(new ByteArrayInputStream(bytes));
    }
}
