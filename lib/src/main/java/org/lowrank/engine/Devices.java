package org.lowrank.engine;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.cuda.CudaUtils;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Where arrays lie and are computed with. The engine falls back to the processor in silence when it
 * does not find CUDA's runtime, so a device is tried before it is handed out.
 */
public final class Devices {

    private static final Pattern GPU = Pattern.compile("gpu(?::(\\d{1,4}))?");

    private Devices() {}

    /**
     * {@code cpu}, {@code gpu} (the first) or {@code gpu:1}.
     *
     * @throws IllegalArgumentException for another word
     * @throws IllegalStateException if this process cannot compute there; the message says what it
     *     can see
     */
    public static Device named(String text) {
        if (text.equals("cpu")) {
            return Device.cpu();
        }
        var gpu = GPU.matcher(text);
        if (!gpu.matches()) {
            throw new IllegalArgumentException(
                    "device \"%s\" is neither cpu nor gpu nor gpu:N".formatted(text));
        }
        var device = Device.gpu(gpu.group(1) == null ? 0 : Integer.parseInt(gpu.group(1)));
        int seen = Engine.getInstance().getGpuCount();
        if (device.getDeviceId() >= seen) {
            throw new IllegalStateException(
                    "device %s is not there: the engine sees %d GPUs; a GPU needs PyTorch's CUDA build"
                                    .formatted(text, seen)
                            + " (PYTORCH_LIBRARY_PATH, PYTORCH_FLAVOR) and CUDA's runtime on"
                            + " jna.library.path");
        }
        check(device);
        return device;
    }

    private static void check(Device device) {
        try (var manager = NDManager.newBaseManager(device);
                var two = manager.full(new Shape(2, 2), 2f, DataType.FLOAT32);
                var product = two.matMul(two)) {
            if (!product.getDevice().equals(device) || product.getFloat(0, 0) != 8) {
                throw new IllegalStateException(
                        "device %s does not compute: a product came out on %s as %s"
                                .formatted(device, product.getDevice(), product.getFloat(0, 0)));
            }
        }
    }

    /** For records: name, and of a GPU its memory and its compute capability. */
    public static Map<String, Object> facts(Device device) {
        var facts = new LinkedHashMap<String, Object>();
        facts.put("device", device.isGpu() ? "gpu:" + device.getDeviceId() : "cpu");
        if (device.isGpu()) {
            facts.put("device_memory", CudaUtils.getGpuMemory(device).getMax());
            facts.put("compute_capability", CudaUtils.getComputeCapability(device.getDeviceId()));
            facts.put("cuda", CudaUtils.getCudaVersionString());
        }
        return facts;
    }
}
