package org.lowrank.engine;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineProvider;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ServiceLoader;

/**
 * Sets the engine's switches before it starts, whatever starts it: a cell on any kernel, a command,
 * a program of one's own. Nothing is fetched and nothing is reported to anybody, unless the
 * environment or a property says otherwise ({@code DJL_OFFLINE=false} lets DJL fetch its CUDA
 * build).
 *
 * <p>Nor does any thread record a graph before a collector is opened on it. PyTorch records by
 * thread unless it is told not to, and DJL tells the thread alone that starts the engine: on any
 * other a forward pass would keep its arrays, and a trained factor could not be written in place.
 *
 * <p>DJL has no other hook: it makes its providers first and then reads the switches. This one
 * stands for PyTorch under its own name, so that DJL sees no further engine, and hands it out.
 */
public final class QuietEngine implements EngineProvider {

    private static final String NAME = "PyTorch";

    private static final ThreadLocal<Boolean> RECORDS_AT_FIRST =
            ThreadLocal.withInitial(
                    () -> {
                        JniUtils.setGradMode(false);
                        return false;
                    });

    public QuietEngine() {
        setUnlessSet("ai.djl.offline", "DJL_OFFLINE");
        setUnlessSet("OPT_OUT_TRACKING", "OPT_OUT_TRACKING");
    }

    private static void setUnlessSet(String property, String variable) {
        if (System.getProperty(property) == null && System.getenv(variable) == null) {
            System.setProperty(property, "true");
        }
    }

    @Override
    public String getEngineName() {
        return NAME;
    }

    @Override
    public int getEngineRank() {
        return PyTorch.PROVIDER.getEngineRank();
    }

    /** DJL asks for it whenever it makes a manager or a collector. */
    @Override
    public Engine getEngine() {
        var engine = PyTorch.PROVIDER.getEngine();
        RECORDS_AT_FIRST.get();
        return engine;
    }

    /** Looked for once: each search reads the class path from the disk. */
    private static final class PyTorch {
        static final EngineProvider PROVIDER = find();

        private static EngineProvider find() {
            // not the thread's own loader: a pool's threads may have one that sees no library
            var loader = QuietEngine.class.getClassLoader();
            return ServiceLoader.load(EngineProvider.class, loader).stream()
                    .filter(provider -> provider.type() != QuietEngine.class)
                    .map(ServiceLoader.Provider::get)
                    .filter(provider -> provider.getEngineName().equals(NAME))
                    .findFirst()
                    .orElseThrow(
                            () ->
                                    new IllegalStateException(
                                            "DJL's PyTorch engine (pytorch-engine) is not on the"
                                                    + " class path"));
        }
    }
}
