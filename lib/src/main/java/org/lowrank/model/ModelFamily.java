package org.lowrank.model;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.lowrank.data.image.ImageProcessor;
import org.lowrank.model.block.Network;
import org.lowrank.weights.TensorSource;

/**
 * One architecture: which configurations it understands, where a file's tensor belongs, how its
 * networks are built. Found through {@link java.util.ServiceLoader}; it knows no file format.
 */
public interface ModelFamily {

    /** The values of {@code model_type} that it understands. */
    List<String> types();

    /** What its models can be loaded as. */
    List<Class<? extends Network>> capabilities();

    /**
     * What network is wanted.
     *
     * @param as one of {@link #capabilities()}
     * @param config the model's {@code config.json}; every key that changes what is computed is
     *     read, or refused by its name
     * @param inFile the parameters that the file holds, by their names in the network
     */
    record Wanted(
            Class<? extends Network> as,
            ConfigKeys config,
            Set<String> inFile,
            LoadOptions options,
            NDManager parent) {}

    /**
     * A network with empty slots.
     *
     * @throws IOException if the configuration asks for what is not built, or contradicts itself
     */
    Network build(Wanted wanted) throws IOException;

    /** Where a tensor of a file belongs; empty for a buffer that is no parameter. */
    Optional<Place> place(String nameInFile);

    /** The fields of the configuration that a parameter's presence and shape follow from. */
    String origin(String parameter);

    /**
     * What a {@code config.json} would say of weights that are published without one; empty unless
     * their names are those of this architecture.
     */
    default Optional<ObjectNode> configOf(TensorSource weights) throws IOException {
        return Optional.empty();
    }

    /** How its authors prepared pictures, where no file beside a model says it. */
    default Optional<ImageProcessor> imageProcessor() {
        return Optional.empty();
    }
}
