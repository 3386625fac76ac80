package org.lowrank.text;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;

/** Tokenizers of models that come with a list of word pieces and no {@code tokenizer.json}. */
public final class WordPieceTokenizers {

    private static final List<String> SPECIAL =
            List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");
    private static final int LONGEST_WORD = 100;

    private WordPieceTokenizers() {}

    /**
     * The tokenizer of BERT's uncased models.
     *
     * @param file what error messages call the list
     * @param words the word pieces; the place of each in the list is its id
     */
    public static TextTokenizer uncased(String file, List<String> words) throws IOException {
        for (var special : SPECIAL) {
            if (!words.contains(special)) {
                throw new IOException(file + " should hold the word piece " + special);
            }
        }
        var json = new ObjectMapper().createObjectNode();
        json.put("version", "1.0").putNull("truncation").putNull("padding");
        var added = json.putArray("added_tokens");
        for (var special : SPECIAL) {
            added.add(TokenizerJson.addedToken(words.indexOf(special), special, true));
        }
        json.putObject("normalizer")
                .put("type", "BertNormalizer")
                .put("clean_text", true)
                .put("handle_chinese_chars", true)
                .putNull("strip_accents")
                .put("lowercase", true);
        json.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
        var frame = json.putObject("post_processor").put("type", "BertProcessing");
        frame.putArray("sep").add("[SEP]").add(words.indexOf("[SEP]"));
        frame.putArray("cls").add("[CLS]").add(words.indexOf("[CLS]"));
        json.putObject("decoder").put("type", "WordPiece").put("prefix", "##").put("cleanup", true);
        var model = json.putObject("model").put("type", "WordPiece").put("unk_token", "[UNK]");
        model.put("continuing_subword_prefix", "##").put("max_input_chars_per_word", LONGEST_WORD);
        var vocabulary = model.putObject("vocab");
        for (int id = 0; id < words.size(); id++) {
            vocabulary.put(words.get(id), id);
        }
        return new TextTokenizer(
                file, new ByteArrayInputStream(new ObjectMapper().writeValueAsBytes(json)));
    }
}
