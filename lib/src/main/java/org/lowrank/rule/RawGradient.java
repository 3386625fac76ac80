package org.lowrank.rule;

/** Plain LoRA: gᴬ = gᴬ_lora, gᴮ = gᴮ_lora. */
public record RawGradient() implements GradientRule {

    @Override
    public Coefficients coefficients(PairGrams grams) {
        return Coefficients.identity(grams.rank());
    }
}
