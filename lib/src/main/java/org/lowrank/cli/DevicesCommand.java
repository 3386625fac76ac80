package org.lowrank.cli;

import ai.djl.engine.Engine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.lowrank.engine.Devices;
import picocli.CommandLine.Command;

@Command(
        name = "devices",
        description = "Says where runs can compute, what a GPU lacks here, and how to get it.",
        mixinStandardHelpOptions = true)
final class DevicesCommand implements Callable<Integer> {

    private static final List<String> PLACES =
            List.of("/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib/wsl/lib", "/usr/lib");

    @Override
    public Integer call() {
        var engine = Engine.getInstance();
        System.out.printf(
                "engine   %s %s, %s%n",
                engine.getEngineName(),
                engine.getVersion(),
                hasCuda() ? "with CUDA" : "without CUDA");
        System.out.printf("cpu      %d processors%n", Runtime.getRuntime().availableProcessors());
        int gpus = engine.getGpuCount();
        for (int i = 0; i < gpus; i++) {
            System.out.printf("gpu:%d    %s%n", i, tried(i));
        }
        if (gpus > 0) {
            System.out.println(
                    "runs compute on "
                            + engine.defaultDevice()
                            + " unless --device says otherwise");
            return 0;
        }
        System.out.println("no GPU is used: runs compute on the processor. What a GPU needs:");
        lacking().forEach(line -> System.out.println("  " + line));
        return 0;
    }

    private static String tried(int number) {
        try {
            return Devices.facts(Devices.named("gpu:" + number)).toString();
        } catch (IllegalStateException e) {
            return "does not compute: " + e.getMessage();
        }
    }

    /** True if the engine's build was made for CUDA, whether or not there is a GPU. */
    private static boolean hasCuda() {
        var folder = System.getenv().getOrDefault("PYTORCH_LIBRARY_PATH", "");
        return !folder.isEmpty() && Files.exists(Path.of(folder, "libtorch_cuda.so"));
    }

    private static List<String> lacking() {
        var lines = new ArrayList<String>();
        boolean card = Files.exists(Path.of("/dev/nvidia0")) || Files.exists(Path.of("/dev/dxg"));
        lines.add(line("a GPU of NVIDIA's", card, "none is visible (/dev/nvidia0)"));
        lines.add(
                line(
                        "its driver",
                        Devices.driver().isPresent(),
                        "its kernel module is not loaded; install NVIDIA's driver of your system"));
        boolean library =
                PLACES.stream().anyMatch(place -> Files.exists(Path.of(place, "libcuda.so.1")));
        lines.add(
                line(
                        "the driver's library",
                        library,
                        "libcuda.so.1 is not found; it comes with the driver"));
        lines.add(
                line(
                        "PyTorch's build for CUDA",
                        hasCuda(),
                        "PYTORCH_LIBRARY_PATH names no folder with libtorch_cuda.so; environment/setup"
                                + " --gpu gets it"));
        var runtime = System.getProperty("jna.library.path", "");
        lines.add(
                line(
                        "CUDA's runtime for the engine",
                        !runtime.isEmpty(),
                        "jna.library.path names no folder with libcudart.so; environment/setup --gpu"
                                + " gets it"));
        return lines;
    }

    private static String line(String what, boolean there, String otherwise) {
        return (there ? "here     " : "missing  ") + what + (there ? "" : ": " + otherwise);
    }
}
