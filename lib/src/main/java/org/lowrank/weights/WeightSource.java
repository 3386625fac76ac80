package org.lowrank.weights;

import java.io.IOException;

/** A file of named weights, in whatever format. */
public interface WeightSource {

    /** What error messages call the file. */
    String file();

    /**
     * Reads the file from its beginning and hands on each tensor as soon as it is complete.
     *
     * @throws WeightFileException if the file is truncated, altered or of another format
     * @throws IOException if the file cannot be read
     */
    void forEach(Visitor visitor) throws IOException;

    /** Takes the tensors of a file, one after the other. */
    @FunctionalInterface
    interface Visitor {
        void visit(WeightTensor tensor) throws IOException;
    }
}
