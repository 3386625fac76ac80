package org.lowrank.kernel;

import io.github.spencerpark.jupyter.kernel.display.DisplayData;

/** One thing that a cell shows while it runs. */
sealed interface Output {

    /** Text of the cell's standard output or, if {@code error}, of its standard error. */
    record Text(boolean error, String text) implements Output {}

    /** A new display. */
    record Display(DisplayData data) implements Output {}

    /** New content for every display that has the same id. */
    record Update(DisplayData data) implements Output {}

    /** Where the outputs of one cell go. */
    @FunctionalInterface
    interface Sink {
        void publish(Output output);
    }
}
