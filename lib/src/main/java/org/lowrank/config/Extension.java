package org.lowrank.config;

/**
 * A jar's way in: {@link #register} enters names, for example by {@code Optimizers.register(..)}.
 * Found by {@link java.util.ServiceLoader}, once; the library's own rooms come in by it too. The
 * jar goes onto the class path of every worker, so that its names are run as the library's own are.
 */
public interface Extension {

    void register();
}
