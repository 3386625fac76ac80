package org.lowrank.text;

import ai.djl.huggingface.tokenizers.jni.CharSpan;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.lowrank.config.JsonDocument;

/**
 * Tokens of a text and back, as a {@code tokenizer.json} describes it or as the metadata of a GGUF
 * file do. Truncation and padding that the file asks for are switched off: the longest length is
 * named in each call. A text for training or completion is framed as the file says ({@link
 * #encode(String)}: a bos token, or [CLS] and [SEP]); a rendered chat is not ({@link
 * #encodeUnframed}), since its template has written the bos token already. Special tokens that are
 * spelled in a text are recognised. Any number of threads may call it; closing waits for them.
 */
public final class TextTokenizer implements AutoCloseable {

    /** The least longest length of a sentence of BERT: [CLS], a token, [SEP]. */
    public static final int LEAST_LENGTH = 3;

    /** The least longest length of a pair of BERT: [CLS], a token, [SEP], a token, [SEP]. */
    public static final int LEAST_LENGTH_OF_PAIR = 5;

    private final NativeTokenizer tokenizer;

    /**
     * Without the content of the tokenizer.json: a large vocabulary as a tree takes much memory.
     */
    private final TokenizerDescription description;

    private final Map<String, Integer> addedIds;
    private final int size;
    private final Frame single;
    private final Frame pair;

    /**
     * @param file what error messages call the tokenizer
     * @param json the content of the {@code tokenizer.json}, closed by the caller
     */
    public TextTokenizer(String file, InputStream json) throws IOException {
        this(
                new TokenizerDescription(
                        file,
                        JsonDocument.of(file, json.readAllBytes()).object(),
                        Map.of(),
                        Map.of(),
                        List.of(),
                        OptionalInt.empty()));
    }

    TextTokenizer(TokenizerDescription description) throws IOException {
        var file = description.file();
        this.description = description.withoutContent();
        addedIds = TokenizerJson.ids(description.json(), description.special().values());
        size = TokenizerJson.size(description.json());
        TokenizerJson.requireSound(file, description.json().path("post_processor"));
        TokenizerJson.requireMarked(file, description.json().path("model"));
        tokenizer = NativeTokenizer.of(file, description.json().toString());
        try {
            single = tokenizer.frame(Frame::ofText);
            pair = tokenizer.frame(Frame::ofPair);
        } catch (IOException e) {
            tokenizer.close();
            throw e;
        }
    }

    public static TextTokenizer ofFolder(Path folder) throws IOException {
        return new TextTokenizer(new TokenizerFolder(folder).read());
    }

    /**
     * The tokenizer inside a GGUF file.
     *
     * @param metadata the file's own; lists may be lists or arrays
     */
    public static TextTokenizer ofGguf(String file, Map<String, Object> metadata)
            throws IOException {
        return new TextTokenizer(new GgufTokenizer(file, metadata).read());
    }

    /** The tokenizer of llama2.c's models, for example {@code tok512.bin}. */
    public static TextTokenizer ofLlama2(Path file) throws IOException {
        return ofGguf(file.toString(), Llama2Tokens.read(file));
    }

    /** All tokens of a text, in the frame of the file. */
    public int[] encode(String text) {
        return single.ids(encodeUnframed(text));
    }

    /** The tokens of a text alone: what a rendered chat or the second half of a text needs. */
    public int[] encodeUnframed(String text) {
        return tokenizer.call(to -> ints(to.encode(text, false, false).getIds()));
    }

    /**
     * One sentence in the frame of the file.
     *
     * @param maxLength the most tokens, those of the frame among them; the text's end is cut off
     */
    public Tokens encode(String sentence, int maxLength) {
        requireRoom(maxLength, single.length() + 1);
        var words = encodeUnframed(sentence);
        int kept = Math.min(words.length, maxLength - single.length());
        return framed(single, Arrays.copyOf(words, kept), new int[0]);
    }

    /**
     * A pair of sentences in the frame of the file.
     *
     * @param maxLength the most tokens, those of the frame among them; tokens are cut off the
     *     longer sentence first
     */
    public Tokens encode(String first, String second, int maxLength) {
        requireRoom(maxLength, pair.length() + 2);
        var a = encodeUnframed(first);
        var b = encodeUnframed(second);
        int room = maxLength - pair.length();
        int keptA = Math.min(a.length, Math.max(room - b.length, (room + 1) / 2));
        int keptB = Math.min(b.length, room - keptA);
        return framed(pair, Arrays.copyOf(a, keptA), Arrays.copyOf(b, keptB));
    }

    private Tokens framed(Frame frame, int[] first, int[] second) {
        if (frame.length() + first.length + second.length == 0) {
            throw new IllegalArgumentException(
                    description.file() + " makes no token of a text, and puts none around it");
        }
        return frame.around(first, second);
    }

    /**
     * For each token of a text without a frame, whether it holds a character of one of the spans.
     *
     * @param spans beginnings and ends of spans in Java characters, (from, to) by turns
     */
    public boolean[] within(String text, int[] spans) {
        return tokenizer.call(
                to -> {
                    var at = to.encode(text, false, false).getCharTokenSpans();
                    var within = new boolean[at.length];
                    for (int i = 0; i < spans.length; i += 2) {
                        mark(
                                within,
                                at,
                                text.codePointCount(0, spans[i]),
                                text.codePointCount(0, spans[i + 1]));
                    }
                    return within;
                });
    }

    private static void mark(boolean[] within, CharSpan[] at, int from, int to) {
        for (int i = 0; i < at.length; i++) {
            within[i] |= at[i] != null && at[i].getStart() < to && at[i].getEnd() > from;
        }
    }

    /**
     * The text of ids, special tokens spelled out. An id beyond the tokenizer's has no text: tables
     * of models are often padded, and their tail can be generated.
     */
    public String decode(int[] ids) {
        return decoded(ids, false);
    }

    /** The text of ids without special tokens. */
    public String decodeText(int[] ids) {
        return decoded(ids, true);
    }

    /**
     * Ids as text while they are written; special tokens are left out.
     *
     * @param stops texts that end it; none of them is shown
     */
    public TextStream stream(List<String> stops) {
        return new TextStream(this::decodeText, stops);
    }

    private String decoded(int[] ids, boolean skipSpecial) {
        for (int id : ids) {
            if (id < 0) {
                throw new IllegalArgumentException(
                        "id " + id + " is not in " + description.file() + ", 0 to " + (size - 1));
            }
        }
        var longs = Arrays.stream(ids).filter(id -> id < size).asLongStream().toArray();
        return tokenizer.call(to -> to.decode(longs, skipSpecial));
    }

    /** The word piece of an id. */
    public String word(int id) {
        return decode(new int[] {id});
    }

    /** The number of ids, as the tokenizer knows them; a model may have more rows. */
    public int size() {
        return size;
    }

    /** Special tokens by the names that templates use, for example {@code eos_token}. */
    public Map<String, String> special() {
        return description.special();
    }

    /** The id of an added token, for example {@code <|im_end|>}. */
    public OptionalInt id(String token) {
        var id = addedIds.get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** The id of a special token, for example {@code bos_token}. */
    public OptionalInt specialId(String name) {
        var token = description.special().get(name);
        return token == null ? OptionalInt.empty() : id(token);
    }

    /** Every id that ends a generated text: the model's own list, else the tokenizer's eos. */
    public Set<Integer> stopIds() {
        var ids = new LinkedHashSet<>(description.stopIds());
        if (ids.isEmpty()) {
            specialId("eos_token").ifPresent(ids::add);
        }
        return ids;
    }

    /** What rows of a batch are filled up with: the tokenizer's pad, the model's, else an eos. */
    public int padId() {
        var own = specialId("pad_token");
        var known = own.isPresent() ? own : description.padId();
        return known.orElseGet(() -> stopIds().stream().findFirst().orElse(0));
    }

    /** The source of a chat template; the usual one is {@code default}. */
    public Optional<String> chatTemplate(String name) {
        return Optional.ofNullable(description.chatTemplates().get(name));
    }

    /**
     * The model's usual chat template.
     *
     * @throws IllegalStateException if it has none
     */
    public ChatTemplate chat() {
        var source =
                chatTemplate("default")
                        .orElseThrow(
                                () ->
                                        new IllegalStateException(
                                                description.file()
                                                        + " comes without a chat template; this is"
                                                        + " perhaps no chat model: give a template,"
                                                        + " or a prompt without one"));
        return new ChatTemplate("chat template of " + description.file(), source, special());
    }

    static int[] ints(long[] ids) {
        return Arrays.stream(ids).mapToInt(Math::toIntExact).toArray();
    }

    private static void requireRoom(int maxLength, int least) {
        if (maxLength < least) {
            throw new IllegalArgumentException(
                    "the longest length must be at least "
                            + least
                            + " tokens, the special ones among them, but it is "
                            + maxLength);
        }
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
