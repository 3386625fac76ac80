package org.lowrank.bench;

import ai.djl.Device;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.lowrank.config.Json;
import org.lowrank.engine.AtomicFile;
import org.lowrank.engine.Devices;
import org.lowrank.engine.Machine;
import org.lowrank.optim.Optimizers;

/**
 * Whether a device computes what the processor does, and how much faster: three steps of every
 * optimizer from the same factors and gradients, and three training steps of small networks, one of
 * each kind of block ({@link DeviceWork}), on both. Differences are relative to the largest value;
 * in float32 sums round differently, so they are small and not 0.
 */
public final class DeviceCheck {

    private static final double TOLERANCE = 1e-3;

    /**
     * One thing that was done on both.
     *
     * @param difference the largest, relative to the largest value
     * @param seconds a step on the processor
     * @param secondsThere a step on the device
     */
    public record Row(
            String name, double difference, double seconds, double secondsThere, String error) {
        boolean isSound() {
            return error == null && difference <= TOLERANCE;
        }

        /** How many steps the device does while the processor does one. */
        public double stepRatio() {
            return seconds / secondsThere;
        }
    }

    private DeviceCheck() {}

    /**
     * Without the device everything is done on the processor twice, the file says so, and the exit
     * status is 1.
     *
     * @param args the device ({@code gpu}, {@code gpu:1}) and the file to write
     */
    public static void main(String[] args) throws IOException {
        Machine.writePlainNumbers();
        if (args.length != 2) {
            System.err.println("usage: DeviceCheck DEVICE FILE.json");
            System.exit(2);
        }
        var facts = new LinkedHashMap<String, Object>();
        facts.put("machine", Machine.describe());
        boolean there = true;
        var device = Device.cpu();
        try {
            device = Devices.named(args[0]);
            facts.putAll(Devices.facts(device));
        } catch (IllegalStateException e) {
            System.err.println(e.getMessage() + "\nthe processor is held against itself");
            facts.put("device", "none: " + e.getMessage());
            there = false;
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
        }
        var rows = rows(device);
        boolean sound = rows.stream().allMatch(Row::isSound);
        facts.put("compared", there);
        facts.put("tolerance", TOLERANCE);
        facts.put("sound", sound);
        facts.put("rows", rows.stream().map(row -> told(row, rows)).toList());
        var text = Json.pretty(facts);
        AtomicFile.write(Path.of(args[1]), out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
        System.exit(there && sound ? 0 : 1);
    }

    /** A row for the file; an optimizer's with its share of a training step on each side. */
    static Map<String, Object> told(Row row, List<Row> all) {
        var told = new LinkedHashMap<String, Object>();
        told.put("name", row.name());
        if (row.error() != null) {
            told.put("error", row.error());
            return told;
        }
        told.put("difference", row.difference());
        told.put("seconds", row.seconds());
        told.put("seconds_there", row.secondsThere());
        told.put("step_ratio", row.stepRatio());
        if (Optimizers.names().contains(row.name())) {
            told.put("share", share(row, all, Row::seconds));
            told.put("share_there", share(row, all, Row::secondsThere));
        }
        return told;
    }

    /** t / (step − t of AdamW + t), the step being the encoder's by AdamW. */
    private static double share(Row row, List<Row> all, ToDoubleFunction<Row> seconds) {
        double own = seconds.applyAsDouble(row);
        double others = seconds.applyAsDouble(named(DeviceWork.ENCODER, all));
        return own / (others - seconds.applyAsDouble(named("adamw", all)) + own);
    }

    private static Row named(String name, List<Row> all) {
        return all.stream().filter(row -> row.name().equals(name)).findFirst().orElseThrow();
    }

    /** Everything on both; a line each is printed. */
    static List<Row> rows(Device device) {
        var rows = new ArrayList<Row>();
        for (var name : Optimizers.names()) {
            rows.add(printed(row(name, where -> DeviceWork.steps(name, where), device)));
        }
        DeviceWork.networks().forEach((name, work) -> rows.add(printed(row(name, work, device))));
        return rows;
    }

    private static Row printed(Row row) {
        System.out.println(
                row.error() == null
                        ? String.format(
                                Locale.ROOT,
                                "%-34s difference %.1e, %.4f s a step here, %.4f s there",
                                row.name(),
                                row.difference(),
                                row.seconds(),
                                row.secondsThere())
                        : row.name() + " " + row.error());
        return row;
    }

    private static Row row(String name, DeviceWork.Work work, Device device) {
        try {
            var here = work.on(Device.cpu());
            var there = work.on(device);
            double largest = 0;
            double difference = 0;
            for (int i = 0; i < here.values().length; i++) {
                largest = Math.max(largest, Math.abs(here.values()[i]));
                double d = Math.abs(here.values()[i] - there.values()[i]);
                difference = Math.max(difference, Double.isNaN(d) ? Double.MAX_VALUE : d);
            }
            return new Row(name, difference / largest, here.seconds(), there.seconds(), null);
        } catch (RuntimeException e) {
            return new Row(name, Double.MAX_VALUE, 0, 0, String.valueOf(e.getMessage()));
        }
    }
}
