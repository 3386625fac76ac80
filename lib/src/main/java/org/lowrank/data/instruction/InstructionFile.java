package org.lowrank.data.instruction;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lowrank.config.Impostor;
import org.lowrank.config.Json;
import org.lowrank.config.JsonDocument;
import org.lowrank.config.JsonProblem;

/**
 * Reads a file of records, whatever its name: a JSON list, JSON Lines, or Parquet. Blank lines are
 * passed by and counted; only a line feed ends a line.
 */
public final class InstructionFile {

    /** A longer line is no record; the other lines are read all the same. */
    static final int LONGEST_LINE = 1 << 24;

    private static final TypeReference<LinkedHashMap<String, Object>> RECORD =
            new TypeReference<>() {};

    private static final ObjectReader ONE_OF_MANY =
            Json.mapper().reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private InstructionFile() {}

    /**
     * All records of a file.
     *
     * @throws DataFaultsException if one cannot be used; all that cannot are named at once
     */
    public static List<Instruction> read(Path file) throws IOException {
        return read(file, null);
    }

    /** All records of a file whose columns have names of their own. */
    public static List<Instruction> read(Path file, Columns columns) throws IOException {
        var reader = new RecordReader(columns);
        rows(file, reader);
        if (reader.faults().isEmpty() && reader.instructions().isEmpty()) {
            reader.fault(0, "holds no record");
        }
        reader.requireSound(file, reader.instructions().size());
        return reader.instructions();
    }

    /**
     * The records of a file that can be used.
     *
     * @param faults one line each for those that cannot, beginning with the place
     */
    public record Usable(List<Instruction> records, List<String> faults) {}

    /**
     * The records that can be used, and what is wrong with each of the others.
     *
     * @throws DataFaultsException if the file as a whole cannot be read, or no record of it
     */
    public static Usable usable(Path file) throws IOException {
        var reader = new RecordReader(null);
        rows(file, reader);
        if (reader.isBrokenAsAWhole() || reader.instructions().isEmpty()) {
            return new Usable(read(file), List.of()); // refuses it
        }
        return new Usable(reader.instructions(), List.copyOf(reader.faults()));
    }

    /** Gives every record of a file, whatever its format, with its place. */
    static void rows(Path file, RecordReader reader) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new DataFaultsException(
                    file, List.of(Files.exists(file) ? "is a folder" : "there is no such file"), 0);
        }
        var start = start(file);
        var other = Impostor.inPlaceOfText(start);
        if (isParquet(file, start)) {
            reader.places("row");
            ParquetRecords.read(file, reader::add);
        } else if (other.isPresent()) {
            reader.fault(0, other.get());
        } else if (firstMark(start) == '[') {
            readList(file, reader);
        } else {
            readLines(file, reader);
        }
    }

    private static boolean isParquet(Path file, byte[] start) {
        return file.toString().endsWith(".parquet")
                || start.length > 3
                        && start[0] == 'P'
                        && start[1] == 'A'
                        && start[2] == 'R'
                        && start[3] == '1';
    }

    private static byte[] start(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return in.readNBytes(256);
        }
    }

    /** The first byte that is neither a blank nor the byte-order mark, or 0. */
    private static int firstMark(byte[] start) {
        for (byte b : start) {
            if (b > ' ') {
                return b;
            }
        }
        return 0;
    }

    private static void readLines(Path file, RecordReader reader) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            var line = new ByteArrayOutputStream();
            int number = 1;
            long length = 0;
            for (int b = in.read(); ; b = in.read()) {
                if (b == '\n' || b < 0) {
                    if (length > LONGEST_LINE) {
                        reader.fault(
                                number,
                                "has " + length + " bytes, a record has at most " + LONGEST_LINE);
                    } else {
                        readLine(line.toByteArray(), number, b < 0, reader);
                    }
                    if (b < 0) {
                        return;
                    }
                    line.reset();
                    length = 0;
                    number++;
                } else if (++length <= LONGEST_LINE) {
                    line.write(b);
                }
            }
        }
    }

    private static void readLine(byte[] bytes, int number, boolean last, RecordReader reader) {
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            reader.fault(number, "not UTF-8 text; save the file as UTF-8");
            return;
        }
        if (number == 1 && text.startsWith("\uFEFF")) {
            text = text.substring(1);
        }
        if (text.isBlank()) {
            return;
        }
        try {
            var tree = Json.mapper().readTree(text);
            if (tree.isObject()) {
                reader.add(number, Json.mapper().convertValue(tree, RECORD));
            } else {
                reader.fault(number, "is " + JsonProblem.kind(tree) + ", an object is expected");
            }
        } catch (JsonProcessingException e) {
            if (!text.stripLeading().startsWith("{")) {
                reader.fault(number, "is no JSON; records are JSON Lines, a JSON list or Parquet");
                return;
            }
            var problem = JsonProblem.of(e, "").replaceFirst("^line \\d+, ", "");
            boolean cut = last && problem.contains("ends inside");
            reader.fault(number, cut ? "the file ends inside a record (cut download?)" : problem);
        }
    }

    private static void readList(Path file, RecordReader reader) throws IOException {
        var text = JsonDocument.read(file).text();
        try (var parser = Json.mapper().createParser(text)) {
            parser.nextToken();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                int line = parser.currentTokenLocation().getLineNr();
                JsonNode tree = ONE_OF_MANY.readTree(parser);
                if (tree.isObject()) {
                    reader.add(line, Json.mapper().convertValue(tree, RECORD));
                } else {
                    reader.fault(line, "is " + JsonProblem.kind(tree) + ", an object is expected");
                }
            }
            if (parser.nextToken() != null) {
                reader.fault(
                        parser.currentTokenLocation().getLineNr(),
                        "text after the end of the list");
            }
        } catch (JsonProcessingException e) {
            reader.fault(0, JsonProblem.of(e, ""));
        }
    }

    /** Equal records of two sets, as pairs of lines; what is asked is compared, not the answer. */
    public static List<int[]> shared(List<Instruction> train, List<Instruction> test) {
        Map<String, Integer> known = new LinkedHashMap<>();
        train.forEach(record -> known.putIfAbsent(record.normalized(), record.line()));
        return test.stream()
                .filter(record -> known.containsKey(record.normalized()))
                .map(record -> new int[] {known.get(record.normalized()), record.line()})
                .toList();
    }

    /** Records that stand in a set more than once, as pairs of lines: the first, the later one. */
    public static List<int[]> repeated(List<Instruction> records) {
        Map<String, Integer> known = new LinkedHashMap<>();
        return records.stream()
                .filter(
                        record ->
                                known.containsKey(record.normalized() + "\n" + record.answer())
                                        || known.put(
                                                        record.normalized()
                                                                + "\n"
                                                                + record.answer(),
                                                        record.line())
                                                != null)
                .map(
                        record ->
                                new int[] {
                                    known.get(record.normalized() + "\n" + record.answer()),
                                    record.line()
                                })
                .toList();
    }
}
