package org.lowrank.task;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lowrank.model.block.Network;
import org.lowrank.train.Objective;

/**
 * A task on a model.
 *
 * @param <P> what is said of one row: a class, a number, a text
 */
public interface OpenTask<P> extends AutoCloseable {

    Network network();

    /** The arrays that are trained whole beside the adapters; none where a model writes. */
    default Map<String, NDArray> head() {
        return Map.of();
    }

    /** What is minimised over the training rows. */
    Objective objective();

    /** What the model as it stands says of each row. */
    List<P> predict(Part part);

    /** The metrics of what was said, by name. */
    Map<String, Double> score(Part part, List<P> said);

    /**
     * What one says who has learned nothing, such as the majority class or the model as it came;
     * empty if no one does. Asked for before the training.
     */
    default List<P> trivial(Part part) {
        return List.of();
    }

    /** How often each class was said; empty for a task without classes. */
    default Map<String, Long> counts(List<P> said) {
        return Map.of();
    }

    /**
     * What PEFT calls such a task in the file of an adapter, for example {@code SEQ_CLS}; empty
     * where it has no name for it, as for pictures.
     */
    default Optional<String> peftType() {
        return Optional.empty();
    }

    /** A look at the data before a run; empty where there are no prompts and answers to show. */
    default Optional<Preview<P>> preview() {
        return Optional.empty();
    }

    /** For the record: names, hashes, rows of the data. */
    Map<String, Object> facts();

    /** For the record: name and source of the model. */
    Map<String, Object> model();

    @Override
    void close();
}
