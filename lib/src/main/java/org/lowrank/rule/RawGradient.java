package org.lowrank.rule;

/** Plain LoRA: gᴬ = gᴬ_lora, gᴮ = gᴮ_lora. */
public record RawGradient() implements GradientRule {

    /**
     * @throws ArithmeticException if a value is not finite
     */
    @Override
    public Coefficients coefficients(PairGrams grams) {
        grams.requireFinite();
        return Coefficients.identity(grams.rank());
    }
}
