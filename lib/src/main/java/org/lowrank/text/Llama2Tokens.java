package org.lowrank.text;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import org.lowrank.config.JsonFormatException;

/**
 * The token list of llama2.c ({@code tok512.bin}): the longest length (int32), then for each token
 * its score (float32), its length (int32) and its bytes, little-endian. The first three are
 * unknown, bos and eos, the next 256 the bytes; a blank stands for SentencePiece's mark of a word.
 */
final class Llama2Tokens {

    private static final int SPECIAL = 3;
    private static final int BYTES = 256;

    private Llama2Tokens() {}

    /** The same as the metadata of a GGUF file. */
    static Map<String, Object> read(Path file) throws IOException {
        var in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        var tokens = new ArrayList<String>();
        var scores = new ArrayList<Float>();
        var types = new ArrayList<Integer>();
        try {
            in.getInt();
            while (in.hasRemaining()) {
                scores.add(in.getFloat());
                var bytes = new byte[length(file, in, tokens.size())];
                in.get(bytes);
                var text = new String(bytes, StandardCharsets.UTF_8);
                tokens.add(
                        tokens.size() < SPECIAL + BYTES
                                ? text.strip()
                                : text.replace(' ', '\u2581'));
                types.add(type(types.size()));
            }
        } catch (BufferUnderflowException e) {
            throw new JsonFormatException(
                    file.toString(), "token " + tokens.size() + ": the file ends inside it");
        }
        if (tokens.size() < SPECIAL + BYTES || !tokens.get(SPECIAL).equals("<0x00>")) {
            throw new JsonFormatException(
                    file.toString(), "is no token list of llama2.c: token 3 should be <0x00>");
        }
        return Map.of(
                "tokenizer.ggml.model",
                "llama",
                "tokenizer.ggml.tokens",
                tokens,
                "tokenizer.ggml.scores",
                scores,
                "tokenizer.ggml.token_type",
                types,
                "tokenizer.ggml.unknown_token_id",
                0,
                "tokenizer.ggml.bos_token_id",
                1,
                "tokenizer.ggml.eos_token_id",
                2);
    }

    private static int length(Path file, ByteBuffer in, int token) throws JsonFormatException {
        int length = in.getInt();
        if (length < 0 || length > in.remaining()) {
            throw new JsonFormatException(
                    file.toString(),
                    "token %s has %s bytes, %s are left".formatted(token, length, in.remaining()));
        }
        return length;
    }

    private static int type(int id) {
        return id == 0 ? 2 : id < SPECIAL ? 3 : id < SPECIAL + BYTES ? 6 : 1;
    }
}
