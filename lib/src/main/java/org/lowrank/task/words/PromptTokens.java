package org.lowrank.task.words;

import java.util.Arrays;
import java.util.List;
import org.lowrank.data.LabelPrompt;
import org.lowrank.data.LabelledText;
import org.lowrank.data.instruction.Sample;
import org.lowrank.model.block.Autoregressive;
import org.lowrank.model.block.EncoderDecoder;
import org.lowrank.text.TextTokenizer;

/**
 * Labelled texts as tokens of a prompt and of the words that may follow. For an encoder-decoder
 * prompt and word are texts of their own, and a long prompt loses its end, as transformers cuts it.
 * For a decoder prompt and word are tokenized as one text with a space between; a long prompt loses
 * its beginning, so that what asks for the word stays.
 */
final class PromptTokens {

    private final TextTokenizer tokenizer;
    private final LabelPrompt prompt;
    private final boolean apart;
    private final int maxLength;
    private final List<int[]> texts;
    private int cut;

    /**
     * @param maxLength the most tokens of a prompt, for a decoder those of the longest word among
     *     them
     */
    PromptTokens(TextTokenizer tokenizer, LabelPrompt prompt, Autoregressive model, int maxLength) {
        this.tokenizer = tokenizer;
        this.prompt = prompt;
        apart = model instanceof EncoderDecoder;
        this.maxLength = maxLength;
        texts = prompt.words().stream().map(tokenizer::encode).map(this::ended).toList();
    }

    /** A prompt and every word, each with the token that ends it. */
    WordReader.Choice choice(LabelledText example) {
        return apart ? apart(prompt.of(example)) : joined(prompt.of(example).stripTrailing());
    }

    /** A prompt and the word of its class as one sample; the labels are the word's tokens. */
    static Sample sample(WordReader.Choice choice, int label) {
        var given = choice.prompt();
        var word = choice.words().get(label);
        var ids = Arrays.copyOf(given, given.length + word.length);
        System.arraycopy(word, 0, ids, given.length, word.length);
        var labels = ids.clone();
        Arrays.fill(labels, 0, given.length, Sample.NONE);
        return new Sample(ids, labels, 0);
    }

    private WordReader.Choice apart(String text) {
        var whole = tokenizer.encode(text);
        cut += whole.length > maxLength ? 1 : 0;
        var ids = whole.length > maxLength ? tokenizer.encode(text, maxLength).ids() : whole;
        return new WordReader.Choice(ids, texts);
    }

    private WordReader.Choice joined(String text) {
        var given = tokenizer.encode(text);
        var wholes =
                prompt.words().stream()
                        .map(word -> ended(tokenizer.encode(text + " " + word)))
                        .toList();
        int common = given.length;
        for (var whole : wholes) {
            int differs = Arrays.mismatch(given, whole);
            common = differs < 0 ? common : Math.min(common, differs);
        }
        int from = common;
        var words =
                wholes.stream()
                        .map(whole -> Arrays.copyOfRange(whole, from, whole.length))
                        .toList();
        int room = maxLength - words.stream().mapToInt(word -> word.length).max().orElseThrow();
        cut += common > room ? 1 : 0;
        return new WordReader.Choice(
                Arrays.copyOfRange(given, Math.max(0, common - room), common), words);
    }

    /** A frame may end in an eos already (T5). */
    private int[] ended(int... ids) {
        var eos = tokenizer.specialId("eos_token");
        if (eos.isEmpty() || ids[ids.length - 1] == eos.getAsInt()) {
            return ids;
        }
        var ended = Arrays.copyOf(ids, ids.length + 1);
        ended[ids.length] = eos.getAsInt();
        return ended;
    }

    /** How many prompts have lost something so far. */
    int cut() {
        return cut;
    }

    /** The words as the tokenizer has them, for a reader. */
    List<String> words() {
        return prompt.words();
    }

    LabelPrompt prompt() {
        return prompt;
    }
}
