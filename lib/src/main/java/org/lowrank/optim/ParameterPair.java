package org.lowrank.optim;

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * The two factors of one adapter as parameters of a DJL block.
 *
 * @param path what the pair is called in messages and in saved state
 * @param loraA parameter (r, in)
 * @param loraB parameter (out, r)
 * @param scaling s of W0 + s B A, as the block applies it
 */
public record ParameterPair(String path, Parameter loraA, Parameter loraB, double scaling) {

    private static final String A = "lora_A";
    private static final String B = "lora_B";

    /**
     * The pairs of a block: parameters whose full names differ in {@code lora_A} and {@code lora_B}
     * alone at their end, in the order of the block.
     *
     * @throws IllegalArgumentException if there is none, or one factor is without its partner
     */
    public static List<ParameterPair> of(Block block, double scaling) {
        var partners = new LinkedHashMap<String, Parameter>();
        for (var parameter : block.getParameters()) {
            partners.put(parameter.getKey(), parameter.getValue());
        }
        var pairs = new ArrayList<ParameterPair>();
        for (var name : partners.keySet()) {
            boolean isA = name.endsWith(A);
            if (!isA && !name.endsWith(B)) {
                continue;
            }
            var stem = name.substring(0, name.length() - A.length());
            var partner = partners.get(stem + (isA ? B : A));
            if (partner == null) {
                throw new IllegalArgumentException(
                        "the parameter " + name + " has no partner " + stem + (isA ? B : A));
            }
            if (isA) {
                var path = stem.replaceAll("[_.]$", "");
                pairs.add(new ParameterPair(path, partners.get(name), partner, scaling));
            }
        }
        if (pairs.isEmpty()) {
            throw new IllegalArgumentException(
                    "no parameter of the block is called lora_A or lora_B; there are "
                            + partners.keySet());
        }
        return pairs;
    }
}
