package org.lowrank.data.image;

import java.io.IOException;

/** Where the pictures of a set are. A row of the set holds a picture's name in place of a text. */
@FunctionalInterface
public interface Pictures {

    /**
     * A picture by its name, decoded anew.
     *
     * @throws IOException if it cannot be read; the message names it
     */
    Picture read(String name) throws IOException;
}
