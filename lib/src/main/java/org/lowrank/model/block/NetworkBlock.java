package org.lowrank.model.block;

import ai.djl.ndarray.NDManager;

/** A network of blocks that owns its arrays. */
public abstract class NetworkBlock extends ModuleBlock implements Network {

    private final NDManager manager;

    /**
     * @param name for the engine's reports of what lives
     * @param parent gives the device, and frees the network when it is closed
     */
    protected NetworkBlock(String name, NDManager parent) {
        manager = parent.newSubManager();
        manager.setName(name);
    }

    @Override
    public final NDManager manager() {
        return manager;
    }

    @Override
    public final void close() {
        manager.close();
    }
}
