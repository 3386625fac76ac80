package org.lowrank.weights;

import java.io.IOException;
import java.io.InputStream;

/** Opens a file anew, to be read from its beginning. */
@FunctionalInterface
public interface StreamOpener {
    InputStream open() throws IOException;
}
