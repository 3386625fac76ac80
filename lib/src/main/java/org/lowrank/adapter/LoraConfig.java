package org.lowrank.adapter;

import static com.fasterxml.jackson.annotation.JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY;
import static com.fasterxml.jackson.annotation.JsonInclude.Include.NON_EMPTY;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.lowrank.config.Choice;
import org.lowrank.config.Json;
import org.lowrank.config.Problems;

/**
 * What is trained beside the head: where adapters go, of which kind and how large they are. As in
 * tables and records; what is not given takes its default.
 *
 * @param layer a name of {@link LayerKinds}; {@link #NONE} trains the head on a frozen base, {@link
 *     #FULL} trains every weight
 * @param initialization how A and B start, a name of {@link Initializations}
 * @param initializationOptions what the initialisation takes
 * @param rank r; 0 where there is no adapter
 * @param loraAlpha alpha; the scaling is alpha/r, or alpha/sqrt(r) with {@code useRslora}
 * @param useRslora rank-stabilised scaling
 * @param loraDropout probability of dropout on the input of the adapter path, 0 for none
 * @param targetRank for {@code adalora}: the rank at the end, of which {@code rank} is the start;
 *     two thirds of it if not given; 0 for all others
 * @param targetModules suffixes of module paths ({@code query}, {@code attention.output.dense}), or
 *     regular expressions for whole paths; {@code all-linear} stands for every linear map
 * @param excludeModules what is not adapted of these, written in the same way
 * @param layersToTransform the numbers of the layers that are adapted, all if empty
 * @param layersPattern the part of a path before the number of a layer ({@code h}); any if empty
 * @param layerOptions what the layer kind takes beside the target rank
 * @param rankPattern other ranks by pattern of module path; the first pattern that matches counts
 * @param alphaPattern other alphas by pattern of module path
 * @param modulesToSave modules of the base that are trained and saved whole beside the adapters
 *     (head, norms, embeddings), as suffixes of module paths
 * @param code fingerprints of the code behind a layer kind or an initialisation that was registered
 *     in this session, by {@code layer} and {@code initialization}
 */
public record LoraConfig(
        String layer,
        String initialization,
        Map<String, Object> initializationOptions,
        Integer rank,
        Double loraAlpha,
        Boolean useRslora,
        Double loraDropout,
        Integer targetRank,
        @JsonFormat(with = ACCEPT_SINGLE_VALUE_AS_ARRAY) List<String> targetModules,
        @JsonFormat(with = ACCEPT_SINGLE_VALUE_AS_ARRAY) @JsonInclude(NON_EMPTY)
                List<String> excludeModules,
        @JsonFormat(with = ACCEPT_SINGLE_VALUE_AS_ARRAY) @JsonInclude(NON_EMPTY)
                List<Integer> layersToTransform,
        @JsonFormat(with = ACCEPT_SINGLE_VALUE_AS_ARRAY) @JsonInclude(NON_EMPTY)
                List<String> layersPattern,
        @JsonInclude(NON_EMPTY) Map<String, Object> layerOptions,
        @JsonInclude(NON_EMPTY) Map<String, Integer> rankPattern,
        @JsonInclude(NON_EMPTY) Map<String, Double> alphaPattern,
        @JsonInclude(NON_EMPTY) List<String> modulesToSave,
        @JsonInclude(NON_EMPTY) Map<String, String> code) {

    /** The word that targets every linear map. */
    public static final String ALL_LINEAR = "all-linear";

    /** Head only. */
    public static final String NONE = "none";

    /** The layer of a pair and nothing else. */
    public static final String LORA = "lora";

    /** Every weight. */
    public static final String FULL = "full";

    /** The kind that has a target rank, and its option of that name. */
    private static final String ADALORA = "adalora";

    private static final String TARGET_RANK = "target_rank";

    public LoraConfig {
        layer = layer == null ? LORA : layer;
        layerOptions = layerOptions == null ? Map.of() : new TreeMap<>(layerOptions);
        rank = rank == null ? 8 : rank;
        if (!layer.equals(ADALORA)) {
            targetRank = 0;
        } else if (layerOptions.get(TARGET_RANK) instanceof Integer given) {
            targetRank = given;
            layerOptions.remove(TARGET_RANK);
        } else if (targetRank == null || targetRank == 0) {
            targetRank = Math.max(1, rank * 2 / 3);
        }
        code = code == null ? Map.of() : new TreeMap<>(code);
        initialization =
                initialization == null ? LayerKinds.startOf(layer, layerOptions) : initialization;
        initializationOptions =
                initializationOptions == null ? Map.of() : new TreeMap<>(initializationOptions);
        loraAlpha = loraAlpha == null ? 16.0 : loraAlpha;
        useRslora = useRslora != null && useRslora;
        loraDropout = loraDropout == null ? 0.0 : loraDropout;
        targetModules = targetModules == null ? List.of(ALL_LINEAR) : List.copyOf(targetModules);
        excludeModules = excludeModules == null ? List.of() : List.copyOf(excludeModules);
        layersToTransform = layersToTransform == null ? List.of() : List.copyOf(layersToTransform);
        layersPattern = layersPattern == null ? List.of() : List.copyOf(layersPattern);
        rankPattern = inOrder(rankPattern);
        alphaPattern = inOrder(alphaPattern);
        modulesToSave = modulesToSave == null ? List.of() : List.copyOf(modulesToSave);
    }

    private static <T> Map<String, T> inOrder(Map<String, T> patterns) {
        return patterns == null
                ? Map.of()
                : Collections.unmodifiableMap(new LinkedHashMap<>(patterns));
    }

    /** LoRA of the given rank on all linear maps: alpha = 2r, no dropout, Kaiming A and B = 0. */
    public static LoraConfig ofRank(int rank) {
        return ofDefaults().with(Map.of("rank", rank, "lora_alpha", 2.0 * rank));
    }

    /** Nothing given. */
    public static LoraConfig ofDefaults() {
        return of(Map.of());
    }

    private static LoraConfig of(Map<String, ?> fields) {
        return Json.convert(fields, LoraConfig.class);
    }

    private LoraConfig with(Map<String, ?> fields) {
        var changed = Json.with(this, fields);
        LoraConfigCheck.requireNumbers(changed);
        return changed;
    }

    /** Another kind, and the start that belongs to it if it has one of its own. */
    public LoraConfig withLayer(String name) {
        return withLayer(new Choice(name, Map.of()));
    }

    /** Another kind with options of its own, and the start that belongs to it if it has one. */
    public LoraConfig withLayer(Choice choice) {
        var start = LayerKinds.startOf(choice.name(), choice.options());
        var fields = new LinkedHashMap<String, Object>();
        fields.put("layer", choice.name());
        fields.put("layer_options", choice.options());
        fields.put(TARGET_RANK, 0);
        fields.put("code", Map.of());
        if (!start.equals("kaiming")) {
            fields.put("initialization", start);
            fields.put("initialization_options", Map.of());
        }
        return with(fields);
    }

    public LoraConfig withLoraAlpha(double alpha) {
        return with(Map.of("lora_alpha", alpha));
    }

    public LoraConfig withLoraDropout(double dropout) {
        return with(Map.of("lora_dropout", dropout));
    }

    public LoraConfig withRslora(boolean rslora) {
        return with(Map.of("use_rslora", rslora));
    }

    public LoraConfig withTargetModules(String... modules) {
        return with(Map.of("target_modules", modules));
    }

    /** Another start, with its options at their defaults. */
    public LoraConfig withInitialization(String name) {
        return withInitialization(new Choice(name, Map.of()));
    }

    public LoraConfig withInitialization(Choice choice) {
        return with(
                Map.of(
                        "initialization",
                        choice.name(),
                        "initialization_options",
                        choice.options(),
                        "code",
                        Map.of()));
    }

    /** Other ranks and alphas for the modules that match a pattern. */
    public LoraConfig withPatterns(Map<String, Integer> ranks, Map<String, Double> alphas) {
        return with(Map.of("rank_pattern", ranks, "alpha_pattern", alphas));
    }

    public LoraConfig withModulesToSave(String... modules) {
        return with(Map.of("modules_to_save", modules));
    }

    /** Those of a model's linear maps that carry a pair; refused if a pattern matches nothing. */
    public List<String> targets(Map<String, AdaptableLinear> linears) {
        return TargetModules.select(linears, this);
    }

    /** False for {@link #NONE} and {@link #FULL}. */
    public boolean hasPairs() {
        return !layer.equals(NONE) && !layer.equals(FULL);
    }

    /** The same run has the same hash: without pairs, what describes pairs is blank. */
    public LoraConfig normalized() {
        return hasPairs()
                ? this
                : of(
                        Map.of(
                                "layer",
                                layer,
                                "initialization",
                                NONE,
                                "rank",
                                0,
                                "lora_alpha",
                                0,
                                "target_modules",
                                List.of()));
    }

    /**
     * The options of the initialisation with every default written out; those of the layer kind
     * where one is not at its default; fingerprints of what was registered in this session.
     */
    public LoraConfig completed() {
        if (!hasPairs()) {
            return this;
        }
        var start = Initializations.REGISTRY.complete(startChoice());
        var kind = LayerKinds.REGISTRY.complete(layerChoice());
        var usual = new TreeMap<>(LayerKinds.REGISTRY.defaults(layer));
        var options = new TreeMap<>(kind.options());
        usual.remove(TARGET_RANK);
        options.remove(TARGET_RANK);
        var codes = new TreeMap<String, String>();
        codes.put("initialization", start.code());
        codes.put("layer", kind.code());
        codes.values().removeIf(Objects::isNull);
        return with(
                Map.of(
                        "initialization_options",
                        start.options(),
                        "layer_options",
                        options.equals(usual) ? Map.of() : options,
                        "code",
                        codes));
    }

    Choice layerChoice() {
        var options = new TreeMap<>(layerOptions);
        if (layer.equals(ADALORA)) {
            options.put(TARGET_RANK, targetRank);
        }
        return new Choice(layer, options, code.get("layer"));
    }

    Choice startChoice() {
        return new Choice(initialization, initializationOptions, code.get("initialization"));
    }

    /** The layer kind; a name or an option that is not known is refused with those that are. */
    public LayerKind kind() {
        return LayerKinds.REGISTRY.create(layerChoice());
    }

    /** The start; a name or an option that is not known is refused with those that are. */
    public Initialization start() {
        return Initializations.REGISTRY.create(startChoice());
    }

    /** r of the module at a path. */
    public int rank(String path) {
        return TargetModules.firstMatch(path, rankPattern).orElse(rank);
    }

    /** alpha of the module at a path. */
    public double loraAlpha(String path) {
        return TargetModules.firstMatch(path, alphaPattern).orElse(loraAlpha);
    }

    /**
     * Reports everything that no model can be adapted with.
     *
     * @param field what stands before the names of the fields, for example {@code adapter.}
     */
    public void check(Problems problems, String field) {
        new LoraConfigCheck(this, problems, field).all();
    }
}
