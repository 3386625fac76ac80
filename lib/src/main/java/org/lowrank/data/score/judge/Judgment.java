package org.lowrank.data.score.judge;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.lowrank.data.score.SetFile;

/**
 * What a judge said of one answer, in FastChat's fields.
 *
 * @param questionId the question's number
 * @param model whose answer it is
 * @param judge the judge's model, and the name of the prompt
 * @param userPrompt what the judge was shown
 * @param judgment its words
 * @param score 1 to 10; {@link #MALFORMED} if the words hold no rating
 * @param turn 1 or 2
 * @param tstamp when, in seconds since 1970
 */
public record Judgment(
        int questionId,
        String model,
        List<String> judge,
        String userPrompt,
        String judgment,
        double score,
        int turn,
        double tstamp) {

    /** The score of a judgment without a rating, as FastChat writes it. */
    public static final double MALFORMED = -1;

    private static final Pattern RATING = Pattern.compile("\\[\\[([0-9]+\\.?[0-9]*)\\]\\]");
    private static final Pattern SINGLE = Pattern.compile("\\[([0-9]+\\.?[0-9]*)\\]");

    /**
     * The rating in a judge's words: the first {@code [[n]]}, else the first {@code [n]}. FastChat
     * takes any number there; here one outside 1 to 10 is malformed.
     */
    public static double rating(String words) {
        var found = RATING.matcher(words);
        if (!found.find()) {
            found = SINGLE.matcher(words);
            if (!found.find()) {
                return MALFORMED;
            }
        }
        var rating = Double.parseDouble(found.group(1));
        return rating >= 1 && rating <= 10 ? rating : MALFORMED;
    }

    /** Reads {@code model_judgment/JUDGE_single.jsonl}. */
    public static List<Judgment> read(Path file) throws IOException {
        return SetFile.read(
                file,
                record ->
                        new Judgment(
                                SetFile.whole(record, "question_id"),
                                SetFile.text(record, "model"),
                                SetFile.texts(record, "judge"),
                                record.path("user_prompt").asText(),
                                record.path("judgment").asText(),
                                SetFile.number(record, "score"),
                                SetFile.whole(record, "turn"),
                                record.path("tstamp").asDouble()));
    }

    /**
     * A model's score.
     *
     * @param mean of the ratings, as FastChat shows it: malformed ones are left out; NaN if there
     *     is none
     * @param rated answers with a rating
     * @param malformed answers whose judgment holds none
     */
    public record Score(double mean, int rated, int malformed) {}

    /** The mean rating of one turn; the papers report turn 1. */
    public static Score score(List<Judgment> judgments, String model, int turn) {
        var mine = judgments.stream().filter(j -> j.model.equals(model) && j.turn == turn).toList();
        var rated = mine.stream().mapToDouble(Judgment::score).filter(s -> s != MALFORMED);
        var summary = rated.summaryStatistics();
        var count = (int) summary.getCount();
        var mean = count == 0 ? Double.NaN : summary.getAverage();
        return new Score(mean, count, mine.size() - count);
    }
}
