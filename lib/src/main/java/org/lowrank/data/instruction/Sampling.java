package org.lowrank.data.instruction;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.lowrank.text.ChatTemplate;
import org.lowrank.text.PromptTemplate;
import org.lowrank.text.TextTokenizer;

/**
 * How records become tokens: prompt and answer are tokenized as one text, the loss is masked by
 * place and never by id (a pad that is also the eos would else never be learned), and what is too
 * long is cut as was asked for and counted.
 *
 * <p>LoRA-Pro's scripts mask the prompt; AltLoRA's train on it (its labels are the ids): {@link
 * Loss} is the choice between them. Held-out records are scored by their answers alone either way.
 *
 * @param prompts the words around an instruction
 * @param chat for talks; null where there are none
 * @param loss which tokens are learned
 * @param cut what is done with a record that is too long
 * @param maxLength the most tokens of a record
 */
public record Sampling(
        PromptTemplate prompts, ChatTemplate chat, Loss loss, TooLong cut, int maxLength) {

    /** Which tokens a loss is taken of. */
    public enum Loss {
        /** The answer and its end; of a talk, the last answer. */
        ANSWER,
        /** Of a talk, every message of the assistant. */
        EVERY_ANSWER,
        /** Everything, the prompt too. */
        WHOLE
    }

    /** What is done with a record of more than the longest length. */
    public enum TooLong {
        /** It is left out and named. */
        LEAVE_OUT,
        /** The prompt's beginning is cut off, the answer stays whole. */
        CUT_PROMPT,
        /** The answer's end is cut off, as transformers' tokenizers do. */
        CUT_ANSWER
    }

    public Sampling {
        if (maxLength < 2) {
            throw new IllegalArgumentException(
                    "a sample needs at least 2 tokens, not " + maxLength);
        }
    }

    /** A prompt and answer in a file, masked prompt, left out where too long. */
    public static Sampling of(PromptTemplate prompts, int maxLength) {
        return new Sampling(prompts, null, Loss.ANSWER, TooLong.LEAVE_OUT, maxLength);
    }

    /**
     * The samples of a set as they are trained on: what the {@link Loss} takes in is labelled.
     *
     * @param file what the report calls it
     */
    public Samples of(String file, List<Instruction> records, TextTokenizer tokenizer) {
        return learned(answers(file, records, tokenizer));
    }

    /** Samples of {@link #answers} as they are trained on. */
    public Samples learned(Samples answers) {
        return loss == Loss.WHOLE ? answers.whole() : answers;
    }

    /**
     * The samples of a set as they are scored: answers alone are labelled, even where the prompt is
     * trained on, so that likelihoods compare whatever was learned.
     *
     * @param file what the report calls it
     */
    public Samples answers(String file, List<Instruction> records, TextTokenizer tokenizer) {
        var samples = new ArrayList<Sample>();
        var leftOut = new ArrayList<String>();
        int cutRecords = 0;
        for (var record : records) {
            var whole = record.isTalk() ? talk(record, tokenizer) : pair(record, tokenizer);
            int prompt = firstLabel(whole);
            var sample = whole.length() > maxLength ? shortened(whole, prompt) : whole;
            var place = file + ", line " + record.line() + ": ";
            if (sample == null) {
                leftOut.add(place + whole.length() + " tokens, max_length is " + maxLength);
            } else if (sample.answerTokens() == 0) {
                leftOut.add(
                        ("%sthe prompt alone has %s tokens, max_length is %s, no answer token is"
                                        + " left")
                                .formatted(place, prompt, maxLength));
            } else {
                samples.add(sample);
                cutRecords += sample == whole ? 0 : 1;
            }
        }
        return new Samples(file, samples, records.size(), cutRecords, leftOut);
    }

    /** What a model is given to write the answer of a record, its beginning cut off if too long. */
    public int[] prompt(Instruction record, TextTokenizer tokenizer) {
        var ids = given(record, tokenizer);
        return ids.length < maxLength
                ? ids
                : Arrays.copyOfRange(ids, ids.length - maxLength + 1, ids.length);
    }

    private int[] given(Instruction record, TextTokenizer tokenizer) {
        if (!record.isTalk()) {
            return tokenizer.encode(prompts.prompt(record.instruction(), record.input()));
        }
        var before = record.messages().subList(0, record.messages().size() - 1);
        return tokenizer.encodeUnframed(chatOf(record).render(before, true));
    }

    private Sample pair(Instruction record, TextTokenizer tokenizer) {
        var prompt = prompts.prompt(record.instruction(), record.input());
        var given = tokenizer.encode(prompt);
        var ids = ended(tokenizer.encode(prompt + prompts.between() + record.answer()), tokenizer);
        int common = 0;
        while (common < Math.min(given.length, ids.length - 1) && given[common] == ids[common]) {
            common++;
        }
        return new Sample(ids, labels(ids, common, ids.length), record.line());
    }

    /** A frame may end in an eos already (T5). */
    private static int[] ended(int[] ids, TextTokenizer tokenizer) {
        var eos = tokenizer.specialId("eos_token");
        if (eos.isEmpty() || ids.length > 0 && ids[ids.length - 1] == eos.getAsInt()) {
            return ids;
        }
        var ended = Arrays.copyOf(ids, ids.length + 1);
        ended[ids.length] = eos.getAsInt();
        return ended;
    }

    private static int[] labels(int[] ids, int from, int to) {
        var labels = new int[ids.length];
        Arrays.fill(labels, Sample.NONE);
        System.arraycopy(ids, from, labels, from, to - from);
        return labels;
    }

    private ChatTemplate chatOf(Instruction record) {
        if (chat == null) {
            throw new IllegalArgumentException(
                    "line " + record.line() + " is a talk; name the chat template that renders it");
        }
        return chat;
    }

    private Sample talk(Instruction record, TextTokenizer tokenizer) {
        var text = chatOf(record).render(record.messages(), false);
        var ids = tokenizer.encodeUnframed(text);
        var within =
                tokenizer.within(
                        text, loss == Loss.WHOLE ? departure(record, text) : spans(record, text));
        var labels = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            labels[i] = within[i] ? ids[i] : Sample.NONE;
        }
        return new Sample(ids, labels, record.line());
    }

    /** Where the answers stand: from the begun turn to its end, without the line end behind it. */
    private int[] spans(Instruction record, String text) {
        BiFunction<Integer, Boolean, String> upTo =
                (count, begun) -> chat.render(record.messages().subList(0, count), begun);
        var spans = new ArrayList<Integer>();
        int last = record.messages().size() - 1;
        for (int i = loss == Loss.ANSWER ? last : 0; i <= last; i++) {
            if (isAnswer(record.messages().get(i)) && i > 0) {
                int from = upTo.apply(i, true).length();
                var until = i == last ? text : upTo.apply(i + 1, false);
                if (!text.startsWith(until) || !until.startsWith(upTo.apply(i, true))) {
                    throw new IllegalArgumentException(
                            "line "
                                    + record.line()
                                    + ", message "
                                    + (i + 1)
                                    + ": the chat template renders the talk up to here otherwise"
                                    + " than in the whole; mask by loss WHOLE, or give a template"
                                    + " that writes one message after the other");
                }
                spans.add(from);
                spans.add(Math.max(from, until.stripTrailing().length()));
            }
        }
        return spans.stream().mapToInt(Integer::intValue).toArray();
    }

    /**
     * The last answer of a talk that is learned whole: from where its text leaves the begun turn. A
     * template that renders earlier messages otherwise than in the whole is no matter here.
     */
    private int[] departure(Instruction record, String text) {
        var before = record.messages().subList(0, record.messages().size() - 1);
        var begun = chat.render(before, true);
        int from = 0;
        while (from < Math.min(begun.length(), text.length())
                && begun.charAt(from) == text.charAt(from)) {
            from++;
        }
        return new int[] {from, Math.max(from, text.stripTrailing().length())};
    }

    private static boolean isAnswer(Map<String, Object> message) {
        return "assistant".equals(message.get("role"));
    }

    private static int firstLabel(Sample sample) {
        int first = 0;
        while (first < sample.length() && sample.labels()[first] == Sample.NONE) {
            first++;
        }
        return first;
    }

    /** A sample of the longest length, or null if it is to be left out. */
    private Sample shortened(Sample whole, int prompt) {
        int over = whole.length() - maxLength;
        if (cut == TooLong.CUT_ANSWER || prompt >= maxLength && cut == TooLong.LEAVE_OUT) {
            return part(whole, 0, maxLength);
        }
        return cut == TooLong.CUT_PROMPT && over < prompt
                ? part(whole, over, whole.length())
                : null;
    }

    private static Sample part(Sample whole, int from, int to) {
        return new Sample(
                Arrays.copyOfRange(whole.ids(), from, to),
                Arrays.copyOfRange(whole.labels(), from, to),
                whole.line());
    }
}
