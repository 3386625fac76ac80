package org.lowrank.engine;

import ai.djl.pytorch.jni.JniUtils;
import java.util.function.Supplier;

/** Work that becomes no part of a graph, under a collector too. PyTorch records by thread. */
public final class NoGraph {

    private NoGraph() {}

    /** What the work gives, whatever of it collects gradients elsewhere. */
    public static <T> T of(Supplier<T> work) {
        boolean recorded = JniUtils.isGradMode();
        JniUtils.setGradMode(false);
        try {
            return work.get();
        } finally {
            JniUtils.setGradMode(recorded);
        }
    }
}
