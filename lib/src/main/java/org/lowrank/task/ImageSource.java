package org.lowrank.task;

import java.io.IOException;
import org.lowrank.data.image.ImageData;

/** Where the pictures of a task come from. */
@FunctionalInterface
public interface ImageSource {

    /**
     * All rows of the set; those that a configuration asks for are taken by {@link #load}.
     *
     * @throws IOException if they cannot be had; the message says how to get them
     */
    ImageData read(TaskConfig config) throws IOException;

    /** Train, validation and test rows as a configuration asks for them. */
    default ImageData load(TaskConfig config) throws IOException {
        var all = read(config);
        TextSource names = asked -> all.rows();
        return all.withRows(names.load(config));
    }
}
