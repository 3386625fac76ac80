package org.lowrank.model.generate;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lowrank.config.Json;
import org.lowrank.config.Option;

/**
 * How texts are continued: the most probable token each time, a seeded draw, or a beam search. The
 * names are those of Hugging Face's {@code generate}.
 *
 * <pre>{@code
 * Generation.greedy(200)
 * Generation.greedy(200).withTemperature(0.7).withTopP(0.9).withSeed(3)
 * Generation.greedy(60).withNumBeams(4).withStopTexts("\nQuestion")
 * }</pre>
 *
 * @param maxNewTokens tokens that are added at most
 * @param temperature 0 for the most probable token; else logits are divided by it and one is drawn
 * @param topK a draw is among that many; 0 for all
 * @param topP a draw is among the most probable that have this probability together; 1 for all
 * @param seed of the draws: the same seed, prompt and model write the same text, alone or in a
 *     batch; equal prompts of one call are drawn apart
 * @param numBeams texts that are followed together; 1 for no beam search
 * @param lengthPenalty a beam's score is its log-probability over its length to this power
 * @param earlyStopping when a beam search is over
 * @param stopIds ids that end a text, beside the model's own
 * @param stopTexts texts that end it, over any number of ids; they are not part of what is written
 */
public record Generation(
        int maxNewTokens,
        double temperature,
        int topK,
        double topP,
        long seed,
        int numBeams,
        double lengthPenalty,
        EarlyStopping earlyStopping,
        Set<Integer> stopIds,
        List<String> stopTexts) {

    public static final Option<Integer> MAX_NEW_TOKENS =
            Option.whole("max_new_tokens", 256, "1 or more", n -> n > 0, "tokens that are added");

    public static final Option<Double> TEMPERATURE =
            Option.number(
                    "temperature",
                    0,
                    "0 or more",
                    t -> t >= 0,
                    "0: the most probable token; above: drawn, the hotter the more at random");

    public static final Option<Integer> TOP_K =
            Option.whole("top_k", 0, "0 or more", k -> k >= 0, "drawn among that many; 0: all");

    public static final Option<Double> TOP_P =
            Option.number(
                    "top_p",
                    1,
                    "in (0, 1]",
                    p -> p > 0 && p <= 1,
                    "drawn among the most probable with this probability together");

    public static final Option<Integer> NUM_BEAMS =
            Option.whole("num_beams", 1, "1 or more", n -> n > 0, "texts followed together");

    public static final Option<Double> LENGTH_PENALTY =
            Option.number(
                    "length_penalty",
                    1,
                    "a number",
                    p -> true,
                    "a beam's score is log p / length to this power");

    public static final Option<EarlyStopping> EARLY_STOPPING =
            Option.choice(
                    "early_stopping",
                    EarlyStopping.FALSE,
                    EarlyStopping.class,
                    "when a beam search is over");

    /** When the beam search of a text is over. */
    public enum EarlyStopping {
        /** As soon as there are as many ended texts as beams. */
        TRUE,
        /** If the best open beam, at its present length, is worse than the ended ones. */
        FALSE,
        /** If no open beam can become better than the ended ones at any length. */
        NEVER
    }

    public Generation {
        MAX_NEW_TOKENS.require(maxNewTokens);
        TEMPERATURE.require(temperature);
        TOP_K.require(topK);
        TOP_P.require(topP);
        NUM_BEAMS.require(numBeams);
        LENGTH_PENALTY.require(lengthPenalty);
        if (temperature > 0 && numBeams > 1) {
            throw new IllegalArgumentException(
                    "a beam search draws nothing: give temperature 0, or one beam");
        }
        if (stopTexts.contains("")) {
            throw new IllegalArgumentException("a stop text must not be empty");
        }
        stopIds = Set.copyOf(stopIds);
        stopTexts = List.copyOf(stopTexts);
    }

    /** The most probable token each time. */
    public static Generation greedy(int maxNewTokens) {
        return new Generation(
                maxNewTokens,
                TEMPERATURE.unset(),
                TOP_K.unset(),
                TOP_P.unset(),
                0,
                NUM_BEAMS.unset(),
                LENGTH_PENALTY.unset(),
                EARLY_STOPPING.unset(),
                Set.of(),
                List.of());
    }

    public Generation withTemperature(double value) {
        return with(TEMPERATURE, value);
    }

    public Generation withTopK(int value) {
        return with(TOP_K, value);
    }

    public Generation withTopP(double value) {
        return with(TOP_P, value);
    }

    public Generation withSeed(long value) {
        return Json.with(this, Map.of("seed", value));
    }

    public Generation withNumBeams(int value) {
        return with(NUM_BEAMS, value);
    }

    /** A beam search with all that decides it. */
    public Generation withBeams(int beams, double penalty, EarlyStopping early) {
        return with(NUM_BEAMS, beams).with(LENGTH_PENALTY, penalty).with(EARLY_STOPPING, early);
    }

    private <T> Generation with(Option<T> option, T value) {
        return Json.with(this, Map.of(option.name(), value));
    }

    /** The same with more ids that end a text. */
    public Generation withStopIds(Integer... ids) {
        var all = new LinkedHashSet<>(stopIds);
        all.addAll(List.of(ids));
        return Json.with(this, Map.of("stop_ids", all));
    }

    public Generation withStopTexts(String... texts) {
        return Json.with(this, Map.of("stop_texts", texts));
    }
}
