package org.lowrank.engine;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.cuda.CudaUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where arrays lie and are computed with. The engine falls back to the processor in silence when it
 * does not find CUDA's runtime, so a device is tried before it is handed out.
 */
public final class Devices {

    private static final Path DRIVER = Path.of("/proc/driver/nvidia/version");
    private static final Pattern GPU = Pattern.compile("gpu(?::(\\d{1,4}))?");

    /** The Java property that names the device of a process. */
    public static final String PROPERTY = "lowrank.device";

    private Devices() {}

    /**
     * Where this process computes: as it was told, else as the engine chooses.
     *
     * @throws IllegalStateException if it was told a device that is not there
     */
    public static Device ofThisProcess() {
        var told = System.getProperty(PROPERTY, "");
        return told.isEmpty() ? Engine.getInstance().defaultDevice() : named(told);
    }

    /** For records: the machine, and where on it is computed. */
    public static Map<String, Object> describe() {
        var facts = Machine.describe();
        try {
            facts.putAll(facts(ofThisProcess()));
        } catch (IllegalStateException | IllegalArgumentException e) {
            facts.put("device", "none: " + e.getMessage()); // of a run that failed for this reason
        }
        return facts;
    }

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

    /** The version of NVIDIA's kernel module, if one is loaded. */
    public static Optional<String> driver() {
        try {
            return Files.readAllLines(DRIVER).stream()
                    .filter(line -> line.startsWith("NVRM version:"))
                    .map(line -> line.substring("NVRM version:".length()).strip())
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
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
            facts.put("driver", driver().orElse("unknown"));
        }
        return facts;
    }
}
