package org.lowrank.optim;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.lowrank.rule.LoraFa;
import org.lowrank.rule.LoraPro;
import org.lowrank.rule.RawGradient;
import org.lowrank.rule.ScaledGradient;
import org.lowrank.rule.XChoice;

/** From the name and the hyper-parameters of a golden run to the optimizer that must match it. */
final class GoldenRuns {

    private static final Map<String, Function<JsonNode, PairOptimizer>> KNOWN = new TreeMap<>();

    static {
        KNOWN.put("lora_adamw", run -> new PairAdamW(new RawGradient(), adamW(run)));
        KNOWN.put(
                "lora_plus_ratio16",
                run -> new PairAdamW(new RawGradient(), adamW(run), run.get("ratio").asDouble()));
        KNOWN.put(
                "scaled_adamw", run -> new PairAdamW(new ScaledGradient(damping(run)), adamW(run)));
        KNOWN.put("lora_fa_adamw", run -> new PairAdamW(LoraFa.raw(), adamW(run)));
        for (var x : new XChoice[] {XChoice.ZERO, XChoice.SYLVESTER, XChoice.SYMMETRIC}) {
            var ending = "_" + x.name().toLowerCase(java.util.Locale.ROOT);
            KNOWN.put("lora_pro_sgd" + ending, run -> new PairSgd(new LoraPro(x, damping(run)), 0));
            KNOWN.put(
                    "lora_pro_adamw_efficient" + ending,
                    run -> new PairAdamW(new LoraPro(x, damping(run)), adamW(run)));
        }
        for (var x : new XChoice[] {XChoice.ZERO, XChoice.SYLVESTER, XChoice.SYMMETRIC}) {
            KNOWN.put(
                    "lora_pro_adamw_full_" + x.name().toLowerCase(java.util.Locale.ROOT),
                    run -> new LoraProFull(new LoraPro(x, damping(run)), adamW(run)));
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
            var ending = "_" + order.name().toLowerCase(java.util.Locale.ROOT);
            KNOWN.put("altlora" + ending, run -> new AltLoraOptimizer(altLora(run, order)));
            KNOWN.put(
                    "altlora_plus" + ending, run -> new AltLoraOptimizer(altLoraPlus(run, order)));
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

    private static AdamWSettings adamW(JsonNode run) {
        return new AdamWSettings(
                run.get("betas").get(0).asDouble(),
                run.get("betas").get(1).asDouble(),
                run.get("eps").asDouble(),
                run.get("weight_decay").asDouble());
    }

    private static double damping(JsonNode run) {
        return run.get("damping").asDouble();
    }

    private static PairOptimizer loraProReleased(JsonNode run, LoraProFull.Form form) {
        var adam =
                new AdamWSettings(
                        run.get("betas").get(0).asDouble(),
                        run.get("betas").get(1).asDouble(),
                        run.get("eps").asDouble(),
                        0);
        var rule = new LoraPro(XChoice.SYLVESTER, run.get("delta").asDouble());
        return new LoraProFull(rule, adam, form);
    }

    private static PairOptimizer altLoraReleased(JsonNode kw, boolean adaptive) {
        return new ReleasedAltLora(
                new ReleasedAltLora.Settings(adaptive, kw.get("reg").asDouble(), adamW(kw)));
    }

    private static PairOptimizer loraRite(JsonNode kw) {
        var unset = LoraRiteSettings.DEFAULT;
        return new LoraRite(
                new LoraRiteSettings(
                        kw.get("betas").get(0).asDouble(),
                        kw.get("betas").get(1).asDouble(),
                        kw.path("eps").asDouble(unset.epsilon()),
                        kw.path("clip_unmagnified_grad").asDouble(unset.clipNorm()),
                        kw.path("update_skipping").asDouble(unset.skipRms()),
                        kw.path("update_capping").asDouble(unset.capRms()),
                        kw.path("apply_escape").asBoolean(unset.escapeMass()),
                        kw.path("balance_param").asBoolean(unset.balance()),
                        kw.path("weight_decay").asDouble(unset.weightDecay())));
    }

    private static AltLoraSettings altLora(JsonNode run, UpdateOrder order) {
        return AltLoraSettings.ALT_LORA
                .withOrder(order)
                .withDamping(damping(run))
                .withBeta1(run.get("beta1").asDouble())
                .withWeightDecay(run.get("weight_decay").asDouble());
    }

    private static AltLoraSettings altLoraPlus(JsonNode run, UpdateOrder order) {
        return AltLoraSettings.ALT_LORA_PLUS
                .withOrder(order)
                .withDamping(damping(run))
                .withBeta1(run.get("betas").get(0).asDouble())
                .withBeta2(run.get("betas").get(1).asDouble())
                .withEpsilon(run.get("eps").asDouble())
                .withWeightDecay(run.get("weight_decay").asDouble());
    }
}
