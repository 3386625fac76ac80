package org.lowrank.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;

/**
 * Merges of a byte-pair model from the scores that SentencePiece keeps instead: a piece may be made
 * of any two pieces that spell it, and pieces of a higher score are made first.
 */
final class ScoredMerges {

    private record Merge(String left, String right, double score) {

        int leftLength() {
            return left.codePointCount(0, left.length());
        }

        int rightLength() {
            return right.codePointCount(0, right.length());
        }
    }

    private ScoredMerges() {}

    static List<String[]> of(List<String> pieces, List<Double> scores) {
        var ids = new HashMap<String, Integer>();
        for (int id = 0; id < pieces.size(); id++) {
            ids.putIfAbsent(pieces.get(id), id);
        }
        var merges = new ArrayList<Merge>();
        for (int id = 0; id < pieces.size(); id++) {
            var piece = pieces.get(id);
            for (int at = 1; at < piece.length(); at++) {
                var left = ids.get(piece.substring(0, at));
                var right = ids.get(piece.substring(at));
                if (left != null && right != null) {
                    merges.add(new Merge(pieces.get(left), pieces.get(right), scores.get(id)));
                }
            }
        }
        merges.sort(
                Comparator.comparingDouble(Merge::score)
                        .thenComparingInt(Merge::leftLength)
                        .thenComparingInt(Merge::rightLength)
                        .reversed());
        return merges.stream().map(merge -> new String[] {merge.left, merge.right}).toList();
    }
}
