package org.lowrank.experiment.memory;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.engine.Precision;
import org.lowrank.experiment.spec.RunConfig;
import org.lowrank.model.PretrainedModel;

/**
 * The memory that a run needs, by part, known before it starts from the widths of its model, its
 * batch and its optimizer:
 *
 * <pre>
 *   weights + trained · (value + gradient) + optimizer state
 *     + tokens · layers · kept + the larger of (rows · vocabulary · 3, tokens · passing)
 * </pre>
 *
 * It is what arrays hold at once. The C library may keep freed arrays of up to 32 MB, which lets a
 * small model take up to twice as much; large ones go back at once.
 *
 * <p>Tokens are those of the largest batch, every text as long as allowed; rows are those of them
 * whose logits are held at once, few under a frozen head. By layer (option {@code by_layer} of a
 * task) the graph keeps one layer and the input of each. An encoder whose last layer is computed
 * for the first token alone takes up to a layer less.
 *
 * @param parts each with its arithmetic
 */
public record MemoryNeed(List<Part> parts) {

    /**
     * @param arithmetic as people would write it down
     */
    public record Part(String name, double bytes, String arithmetic) {}

    /** Buffers of the engine's products, whatever the size of the model. */
    static final double BUFFERS = 12e6;

    /** A process with the engine loaded and nothing else. */
    private static final double ENGINE = 0.65e9 + BUFFERS;

    static final double FLOAT = 4;

    /**
     * Of a run on a model.
     *
     * @param model its {@code config.json}
     * @return empty for a family whose widths are not known by these keys
     */
    public static Optional<MemoryNeed> of(RunConfig config, JsonNode model, Base base) {
        return ModelSize.of(model).map(size -> of(config, size, base));
    }

    /**
     * Of a run whose model is at hand.
     *
     * @return empty if it is not, or is of another family; whoever opens it says so
     */
    public static Optional<MemoryNeed> of(RunConfig config) {
        return of(config, config.precision());
    }

    /** The same with the base in another precision. */
    static Optional<MemoryNeed> of(RunConfig config, Precision precision) {
        try (var opened = PretrainedModel.open(config.model())) {
            var size = ModelSize.of(opened.config());
            return size.isEmpty()
                    ? Optional.empty()
                    : Optional.of(of(config, size.get(), Base.of(precision, opened, size.get())));
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    static MemoryNeed of(RunConfig config, ModelSize size, Base base) {
        var parts = new ArrayList<Part>();
        parts.add(new Part("Java and the engine", ENGINE, ""));
        parts.add(
                part(
                        base.ofMaps() * size.mapWeights() + base.ofOthers() * size.others(),
                        "base weights",
                        "%s: %.1f M of maps × %.4g bytes + %.1f M others × %.4g",
                        base.name(),
                        size.mapWeights() / 1e6,
                        base.ofMaps(),
                        size.others() / 1e6,
                        base.ofOthers()));
        addTrained(parts, config, size);
        Activations.add(parts, config, size, base, adapted(config, size));
        return new MemoryNeed(parts);
    }

    private static List<ModelSize.LinearMap> adapted(RunConfig config, ModelSize size) {
        if (config.adapter().layer().equals(LoraConfig.FULL)) {
            return size.maps();
        }
        if (!config.adapter().hasPairs()) {
            return List.of();
        }
        var linears = new LinkedHashMap<String, AdaptableLinear>();
        for (var map : size.maps()) {
            linears.put(map.path(), new AdaptableLinear(map.in(), map.out(), false));
        }
        var chosen = Set.copyOf(config.adapter().targets(linears));
        return size.maps().stream().filter(map -> chosen.contains(map.path())).toList();
    }

    private static void addTrained(List<Part> parts, RunConfig config, ModelSize size) {
        var adapter = config.adapter();
        if (adapter.layer().equals(LoraConfig.FULL)) {
            double all = size.mapWeights() + size.others();
            // full fine-tuning moves the base weights themselves
            add(parts, "gradients", all, 1, "adamw", 2 * FLOAT * all);
            return;
        }
        var maps = adapted(config, size);
        if (maps.isEmpty()) {
            return;
        }
        var kind = adapter.kind();
        int rank = adapter.rank();
        int pairs = kind.pairsPerLayer();
        double beside = 0;
        double kept = 0;
        for (var map : maps) {
            beside += kind.trainedBeside(map.out(), map.in(), rank);
            kept += kind.keptBeside(map.out(), map.in(), rank);
        }
        double trained = beside;
        for (var map : maps) {
            trained += pairs * rank * (map.out() + map.in());
        }
        // AdamW moves what is beside the pairs, whatever moves these
        double state =
                pairs * StateLaw.of(config.optimizer()).bytes(maps, rank)
                        + 2 * FLOAT * beside
                        + kept;
        add(parts, "adapters and gradients", trained, 2, config.optimizer().name(), state);
    }

    private static void add(
            List<Part> parts,
            String name,
            double trained,
            int copies,
            String optimizer,
            double state) {
        parts.add(
                part(
                        copies * FLOAT * trained,
                        name,
                        "%.2f M trained × %d × 4 bytes",
                        trained / 1e6,
                        copies));
        parts.add(
                part(
                        state,
                        "optimizer state",
                        "%s: %.3g bytes a trained number",
                        optimizer,
                        state / trained));
    }

    static Part part(double bytes, String name, String arithmetic, Object... values) {
        return new Part(name, bytes, String.format(Locale.ROOT, arithmetic, values));
    }

    /** The base weights alone. */
    double ofBase() {
        return parts.get(1).bytes();
    }

    /** All of it. */
    public double bytes() {
        return parts.stream().mapToDouble(Part::bytes).sum();
    }

    /** A line a part, and the sum. */
    public String text() {
        var text = new StringBuilder();
        for (var part : parts) {
            text.append(line(part.name(), part.bytes(), part.arithmetic()));
        }
        return text.append(line("together", bytes(), "")).toString();
    }

    private static String line(String name, double bytes, String arithmetic) {
        return String.format(Locale.ROOT, "  %-32s %8.2f GB  %s", name, bytes / 1e9, arithmetic)
                        .stripTrailing()
                + "\n";
    }

    /**
     * Refuses a run that cannot fit.
     *
     * @param available bytes that there are at all
     * @throws IllegalArgumentException with the arithmetic, and what would make it fit
     */
    public void requireFits(double available) {
        if (bytes() <= available) {
            return;
        }
        throw new IllegalArgumentException(
                String.format(
                        Locale.ROOT,
                        "the run needs about %.1f GB of memory, and there are %.1f GB:%n%sThis would"
                                + " make it smaller: %s.",
                        bytes() / 1e9,
                        available / 1e9,
                        text(),
                        cure()));
    }

    /** Of the largest part, and of those after it that can be changed. */
    private String cure() {
        var cures = new ArrayList<String>();
        parts.stream()
                .sorted((a, b) -> Double.compare(b.bytes(), a.bytes()))
                .forEach(
                        part -> {
                            switch (part.name()) {
                                case "activations", "logits", "what comes and goes in a layer" ->
                                        cures.add(
                                                "a smaller training.batch_size with more"
                                                        + " gradient_accumulation (the same steps), a"
                                                        + " smaller task.max_length, or task option"
                                                        + " by_layer for a decoder");
                                case "base weights" ->
                                        cures.add(
                                                "a smaller model, or precision bfloat16 or"
                                                        + " as_stored");
                                case "optimizer state", "adapters and gradients", "gradients" ->
                                        cures.add(
                                                "a smaller adapter.rank, or fewer target_modules");
                                default -> {}
                            }
                        });
        return String.join("; ", cures.stream().distinct().toList());
    }
}
