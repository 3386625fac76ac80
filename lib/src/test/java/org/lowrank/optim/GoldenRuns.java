package org.lowrank.optim;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.lowrank.rule.GradientRule;
import org.lowrank.rule.LoraPro;
import org.lowrank.rule.ScaledGradient;
import org.lowrank.rule.XChoice;

/** From the name and the hyper-parameters of a golden run to the optimizer that must match it. */
final class GoldenRuns {

    private static final Map<String, Function<JsonNode, PairOptimizer>> KNOWN = new TreeMap<>();

    static {
        KNOWN.put("lora_adamw", run -> PairOptimizer.of(adam(run), decay(run)));
        KNOWN.put(
                "lora_plus_ratio16",
                run ->
                        PairOptimizer.of(
                                adam(run), decay(run), new RateRatio(run.get("ratio").asDouble())));
        KNOWN.put("scaled_adamw", run -> adamW(new ScaledGradient(damping(run)), run));
        KNOWN.put("lora_fa_adamw", run -> PairOptimizer.of(new FrozenA(), adam(run), decay(run)));
        for (var x : new XChoice[] {XChoice.ZERO, XChoice.SYLVESTER, XChoice.SYMMETRIC}) {
            var ending = "_" + x.name().toLowerCase(Locale.ROOT);
            KNOWN.put(
                    "lora_pro_sgd" + ending,
                    run -> PairOptimizer.of(new FollowRule(new LoraPro(x, damping(run)))));
            KNOWN.put(
                    "lora_pro_adamw_efficient" + ending,
                    run -> adamW(new LoraPro(x, damping(run)), run));
            KNOWN.put(
                    "lora_pro_adamw_full" + ending,
                    run ->
                            PairOptimizer.of(
                                    new LoraProFull(
                                            new LoraPro(x, damping(run)),
                                            adam(run),
                                            LoraProFull.Form.PAPER),
                                    new Decay(
                                            run.get("weight_decay").asDouble(),
                                            Decay.Form.OF_PRODUCT)));
        }
        KNOWN.put("lora_pro_full_released", run -> loraProReleased(run, LoraProFull.Form.RELEASED));
        KNOWN.put(
                "lora_pro_full_step0",
                run -> loraProReleased(run, LoraProFull.Form.RELEASED_FROM_ZERO));
        KNOWN.put("altlora_released", run -> altLoraReleased(run.get("kw"), false));
        KNOWN.put("altlora_plus_released", run -> altLoraReleased(run.get("kw"), true));
        for (var options :
                List.of(
                        "default",
                        "noclip",
                        "skipped",
                        "clipped",
                        "capped",
                        "escape",
                        "balanced",
                        "in_altlora")) {
            KNOWN.put("lora_rite_" + options, run -> loraRite(run.get("kw")));
        }
        for (var order : UpdateOrder.values()) {
            var ending = "_" + order.name().toLowerCase(Locale.ROOT);
            KNOWN.put(
                    "altlora" + ending,
                    run -> altLora(order, run, run.get("beta1").asDouble(), null));
            KNOWN.put(
                    "altlora_plus" + ending,
                    run ->
                            altLora(
                                    order,
                                    run,
                                    run.get("betas").get(0).asDouble(),
                                    new AlignedMoments.Second(
                                            run.get("betas").get(1).asDouble(),
                                            run.get("eps").asDouble())));
        }
    }

    private GoldenRuns() {}

    static PairOptimizer optimizer(String name, JsonNode run) {
        var known = KNOWN.get(name);
        if (known == null) {
            throw new AssertionError(
                    "the run '" + name + "' is not known; known are " + KNOWN.keySet());
        }
        return known.apply(run);
    }

    private static PairOptimizer adamW(GradientRule rule, JsonNode run) {
        return PairOptimizer.of(new FollowRule(rule), adam(run), decay(run));
    }

    private static AdamMoments adam(JsonNode run) {
        return new AdamMoments(
                run.get("betas").get(0).asDouble(),
                run.get("betas").get(1).asDouble(),
                run.get("eps").asDouble());
    }

    private static Decay decay(JsonNode run) {
        return new Decay(run.get("weight_decay").asDouble());
    }

    private static double damping(JsonNode run) {
        return run.get("damping").asDouble();
    }

    private static PairOptimizer loraProReleased(JsonNode run, LoraProFull.Form form) {
        var rule = new LoraPro(XChoice.SYLVESTER, run.get("delta").asDouble());
        return PairOptimizer.of(new LoraProFull(rule, adam(run), form));
    }

    private static PairOptimizer altLoraReleased(JsonNode kw, boolean adaptive) {
        var decay = new Decay(kw.get("weight_decay").asDouble(), Decay.Form.AFTER);
        return PairOptimizer.of(
                new ReleasedAltLora(adaptive, kw.get("reg").asDouble(), adam(kw), decay), decay);
    }

    private static PairOptimizer loraRite(JsonNode kw) {
        var options = new HashMap<String, Object>();
        options.put("beta1", kw.get("betas").get(0).asDouble());
        options.put("beta2", kw.get("betas").get(1).asDouble());
        put(options, "epsilon", kw.path("eps"));
        put(options, "clipNorm", kw.path("clip_unmagnified_grad"));
        put(options, "skipRms", kw.path("update_skipping"));
        put(options, "capRms", kw.path("update_capping"));
        put(options, "escapeMass", kw.path("apply_escape"));
        put(options, "balance", kw.path("balance_param"));
        put(options, "weightDecay", kw.path("weight_decay"));
        return Optimizers.create("lora_rite", options);
    }

    /** Booleans stand as such or as 0 and 1. */
    private static void put(Map<String, Object> options, String name, JsonNode value) {
        if (!value.isMissingNode() && !value.isNull()) {
            boolean flag = name.equals("escapeMass") || name.equals("balance");
            options.put(name, flag ? (Object) value.asBoolean() : (Object) value.asDouble());
        }
    }

    private static PairOptimizer altLora(
            UpdateOrder order, JsonNode run, double beta1, AlignedMoments.Second second) {
        return PairOptimizer.of(
                new AlignedMoments(order, true, damping(run), beta1, second), decay(run));
    }
}
