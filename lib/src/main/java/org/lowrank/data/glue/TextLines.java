package org.lowrank.data.glue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.lowrank.config.Impostor;
import org.lowrank.data.DataFormatException;

/**
 * The lines of a text file. Only a line feed ends a line (a carriage return before it is dropped):
 * other characters that Unicode counts as line ends occur within sentences.
 */
final class TextLines {

    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private TextLines() {}

    static List<String> read(Path file, Charset charset) throws IOException {
        var lines = new ArrayList<String>();
        var bytes = Files.readAllBytes(file);
        var impostor = Impostor.inPlaceOfText(bytes);
        if (impostor.isPresent()) {
            throw new DataFormatException(file, 1, impostor.get());
        }
        for (var start = 0; start < bytes.length; ) {
            var end = start;
            while (end < bytes.length && bytes[end] != '\n') {
                end++;
            }
            var kept = end > start && bytes[end - 1] == '\r' ? end - 1 : end;
            var slice = ByteBuffer.wrap(bytes, start, kept - start);
            lines.add(decode(slice, charset, file, lines.size() + 1));
            start = end + 1;
        }
        if (!lines.isEmpty() && !lines.get(0).isEmpty()) {
            var first = lines.get(0);
            lines.set(0, first.charAt(0) == BYTE_ORDER_MARK ? first.substring(1) : first);
        }
        return lines;
    }

    private static String decode(ByteBuffer slice, Charset charset, Path file, int line)
            throws DataFormatException {
        try {
            return charset.newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(slice)
                    .toString();
        } catch (CharacterCodingException e) {
            throw new DataFormatException(file, line, "it is not valid " + charset.name());
        }
    }
}
