package org.lowrank.data.instruction;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.lowrank.data.instruction.Sampling.Loss;
import org.lowrank.data.instruction.Sampling.TooLong;
import org.lowrank.golden.GoldenFiles;
import org.lowrank.text.ChatTemplate;
import org.lowrank.text.PromptTemplate;
import org.lowrank.text.TextTokenizer;

/** Tokens and labels of records; the tokenizer's padding is its eos, id 0. */
class SamplingTest {

    private static final String LONG =
            "Question: A man has a long story about his twelve cows and a barn before he asks"
                    + " 1+1?\nAnswer:";

    private static final List<Instruction> RECORDS =
            List.of(
                    Instruction.of(1, "Question: 2+3?\nAnswer:", "", " 5"),
                    Instruction.of(2, "Question: 10-4?\nAnswer:", "", " 6 apples"),
                    Instruction.of(3, LONG, "", " 2"));

    private static TextTokenizer tokenizer;

    @BeforeAll
    static void open() throws IOException {
        tokenizer =
                TextTokenizer.ofFolder(
                        GoldenFiles.golden("hf").resolve("tokenizers").resolve("bpe_gpt2"));
    }

    @AfterAll
    static void close() {
        if (tokenizer != null) {
            tokenizer.close();
        }
    }

    private static Samples samples(Loss loss, TooLong cut, int maxLength) {
        return new Sampling(PromptTemplate.PLAIN, null, loss, cut, maxLength)
                .of("records.jsonl", RECORDS, tokenizer);
    }

    @Test
    void theEndOfAnAnswerIsLearnedThoughItIsThePadding() {
        var samples = samples(Loss.ANSWER, TooLong.LEAVE_OUT, 26);
        assertEquals(2, samples.list().size());
        var first = samples.list().get(0);
        assertEquals(20, first.length());
        assertEquals(3, first.answerTokens());
        assertArrayEquals(new int[] {-100, 223, 23, 0}, Arrays.copyOfRange(first.labels(), 16, 20));
        assertEquals(8, samples.list().get(1).answerTokens());
        var batch = PaddedBatch.of(samples.list(), tokenizer.padId(), false);
        assertEquals(26, batch.length());
        assertEquals(0, batch.labels()[19]);
        assertEquals(-100, batch.labels()[20]);
        assertEquals(0, batch.ids()[20]);
        assertEquals(1, batch.mask()[19]);
        assertEquals(0, batch.mask()[20]);
        assertEquals(11, batch.answerTokens());
    }

    @Test
    void aRecordWithoutAnAnswerTokenIsNamedAndLeftOut() {
        for (var cut : List.of(TooLong.LEAVE_OUT, TooLong.CUT_ANSWER)) {
            var samples = samples(Loss.ANSWER, cut, 26);
            assertEquals(
                    List.of(
                            "records.jsonl, line 3: the prompt alone has 55 tokens, max_length is"
                                    + " 26, no answer token is left"),
                    samples.leftOut());
            assertEquals(1, samples.facts().get("left_out"));
        }
    }

    @Test
    void cuttingIsCountedAndTheAnswerIsKeptWhereThatIsAskedFor() {
        var prompt = samples(Loss.ANSWER, TooLong.CUT_PROMPT, 26);
        assertEquals(3, prompt.list().size());
        assertEquals(1, prompt.cut());
        assertEquals(3, prompt.list().get(2).answerTokens());
        assertEquals(26, prompt.list().get(2).length());
        var answer = samples(Loss.ANSWER, TooLong.CUT_ANSWER, 20);
        assertEquals(2, answer.list().size());
        assertEquals(1, answer.cut());
        assertEquals(2, answer.list().get(1).answerTokens());
        var none = samples(Loss.ANSWER, TooLong.LEAVE_OUT, 20);
        assertEquals(1, none.list().size());
        assertEquals("records.jsonl, line 2: 26 tokens, max_length is 20", none.leftOut().get(0));
    }

    @Test
    void thePromptMayBeLearnedToo() {
        var samples = samples(Loss.WHOLE, TooLong.LEAVE_OUT, 64);
        assertEquals(3, samples.list().size());
        for (var sample : samples.list()) {
            assertArrayEquals(sample.ids(), sample.labels());
            assertEquals(sample.length() - 1, sample.answerTokens());
        }
    }

    @Test
    void whatIsLearnedChangesNothingOfWhatIsScored() {
        for (var cut : TooLong.values()) {
            var answers = samples(Loss.ANSWER, cut, 26);
            var whole = new Sampling(PromptTemplate.PLAIN, null, Loss.WHOLE, cut, 26);
            var scored = whole.answers("records.jsonl", RECORDS, tokenizer);
            assertEquals(answers.leftOut(), scored.leftOut());
            assertEquals(answers.cut(), scored.cut());
            assertEquals(answers.list().size(), scored.list().size());
            for (int i = 0; i < scored.list().size(); i++) {
                var sample = scored.list().get(i);
                assertArrayEquals(answers.list().get(i).ids(), sample.ids());
                assertArrayEquals(answers.list().get(i).labels(), sample.labels());
                var learned = whole.learned(scored).list().get(i);
                assertArrayEquals(sample.ids(), learned.labels());
                assertEquals(sample.line(), learned.line());
            }
        }
    }

    @Test
    void ofATalkThatIsLearnedWholeTheAnswerIsScoredWhateverTheTemplateDoesBefore() {
        var talk =
                new Instruction(
                        1,
                        "a",
                        "",
                        "yes",
                        List.of(
                                Map.of("role", "user", "content", "one"),
                                Map.of("role", "assistant", "content", "two"),
                                Map.of("role", "user", "content", "three"),
                                Map.of("role", "assistant", "content", "four")));
        // a begun turn is rendered with a thought that the whole talk does not show
        var chat =
                new ChatTemplate(
                        "t",
                        "{% for m in messages %}{{ '<' + m.role + '>' + m.content + '\\n' }}"
                                + "{% endfor %}{% if add_generation_prompt %}"
                                + "{{ '<assistant><think>' }}{% endif %}",
                        Map.of());
        var whole = new Sampling(PromptTemplate.PLAIN, chat, Loss.WHOLE, TooLong.LEAVE_OUT, 512);
        var sample = whole.answers("t", List.of(talk), tokenizer).list().get(0);
        assertEquals("four", labelled(sample));
        assertEquals(sample.length() - 1, learnedOf(whole, talk).answerTokens());
        var masked = new Sampling(PromptTemplate.PLAIN, chat, Loss.ANSWER, TooLong.LEAVE_OUT, 512);
        assertTrue(
                assertThrows(IllegalArgumentException.class, () -> learnedOf(masked, talk))
                        .getMessage()
                        .contains("loss WHOLE"));
    }

    @Test
    void blocksHoldAllTokensInTheirOrder() {
        var samples = samples(Loss.ANSWER, TooLong.LEAVE_OUT, 64);
        var blocks = samples.packed(16);
        int total = Arrays.stream(samples.lengths()).sum();
        assertEquals(total / 16, blocks.size());
        assertArrayEquals(Arrays.copyOf(samples.list().get(0).ids(), 16), blocks.get(0).ids());
        assertEquals(samples.list().get(0).ids()[16], blocks.get(1).ids()[0]);
        assertEquals(samples.list().get(1).ids()[0], blocks.get(1).ids()[4]);
    }

    @Test
    void ofATalkTheLastAnswerOrEveryOneIsLearned() {
        var talk =
                new Instruction(
                        1,
                        "a",
                        "",
                        "yes",
                        List.of(
                                Map.of("role", "user", "content", "one"),
                                Map.of("role", "assistant", "content", "two"),
                                Map.of("role", "user", "content", "three"),
                                Map.of("role", "assistant", "content", "four")));
        var chat =
                new ChatTemplate(
                        "t",
                        "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content +"
                                + " '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}"
                                + "{{ '<|im_start|>assistant\\n' }}{% endif %}",
                        Map.of());
        var last = new Sampling(PromptTemplate.PLAIN, chat, Loss.ANSWER, TooLong.LEAVE_OUT, 512);
        assertEquals("four<|im_end|>", learned(last, talk));
        var every =
                new Sampling(PromptTemplate.PLAIN, chat, Loss.EVERY_ANSWER, TooLong.LEAVE_OUT, 512);
        assertEquals("two<|im_end|>four<|im_end|>", learned(every, talk));
        var none = Sampling.of(PromptTemplate.PLAIN, 512);
        assertThrows(IllegalArgumentException.class, () -> learned(none, talk));
    }

    private static Sample learnedOf(Sampling sampling, Instruction talk) {
        return sampling.of("t", List.of(talk), tokenizer).list().get(0);
    }

    private static String learned(Sampling sampling, Instruction talk) {
        return labelled(learnedOf(sampling, talk));
    }

    private static String labelled(Sample sample) {
        return tokenizer.decode(
                Arrays.stream(sample.labels()).filter(label -> label != Sample.NONE).toArray());
    }

    @Test
    void paddingOnTheLeftGivesNoLabelThatItWouldPredict() {
        var samples = samples(Loss.WHOLE, TooLong.LEAVE_OUT, 64).list();
        var batch = PaddedBatch.of(samples.subList(0, 2), 0, true);
        assertEquals(0, batch.mask()[5]);
        assertEquals(-100, batch.labels()[6]);
        assertEquals(samples.get(0).ids()[1], batch.labels()[7]);
        assertTrue(batch.answerTokens() > 0);
        assertThrows(IllegalArgumentException.class, () -> PaddedBatch.of(List.of(), 0, true));
    }
}
