package org.lowrank.data.instruction;

import com.univocity.parsers.csv.CsvParser;
import com.univocity.parsers.csv.CsvParserSettings;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.lowrank.data.source.DataNotFoundException;
import org.lowrank.data.source.DataRoot;
import org.lowrank.data.source.NeededFile;

/**
 * The published sets of word problems: GSM8K, SVAMP, MAWPS, and those of LLM-Adapters. AltLoRA and
 * LoRA-Pro report GSM8K; the others are small enough to be trained on a CPU.
 *
 * <p>Some share questions: most of LLM-Adapters' training file stands in its test files. {@link
 * InstructionFile#shared} counts them; clean pairs are mawps_asdiv_a with svamp, and mawps with
 * svamp.
 */
public enum MathSet {
    GSM8K_TRAIN("gsm8k/train.jsonl"),
    GSM8K_TEST("gsm8k/test.jsonl"),
    SVAMP("math/SVAMP/SVAMP.json"),
    MAWPS_ASDIV_A("math/SVAMP/mawps-asdiv-a_train.csv"),
    MAWPS_TRAIN("math/LLM-Adapters/mawps_trainset.json"),
    MAWPS_VALIDATION("math/LLM-Adapters/mawps_validset.json"),
    MAWPS_TEST("math/LLM-Adapters/mawps_testset.json"),
    ADD_SUB("math/LLM-Adapters/AddSub_test.json"),
    MULTI_ARITH("math/LLM-Adapters/MultiArith_test.json"),
    SINGLE_EQ("math/LLM-Adapters/SingleEq_test.json"),
    MATH_DATA("math/LLM-Adapters/ft-training_set_math_data.json");

    private static final Pattern NAMED = Pattern.compile("^[A-Za-z]+=");
    private static final Pattern WHOLE = Pattern.compile("(?<![0-9.])([0-9]+)\\.0+(?![0-9])");
    private static final Pattern CALCULATION = Pattern.compile("[0-9.+*/()-]+");
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]+(\\.[0-9]+)?([eE]-?[0-9]+)?");
    private static final String GSM8K_ANSWER = "####";

    private final String path;

    MathSet(String path) {
        this.path = path;
    }

    /** Where it lies below the data folder. */
    public String path() {
        return path;
    }

    /** Which of the sets that can be fetched it is of: what its folder is called. */
    public String set() {
        return Path.of(path).getParent().getFileName().toString().toLowerCase(Locale.ROOT);
    }

    /** Its file. */
    public NeededFile file() {
        return new NeededFile(path, set());
    }

    /**
     * Its questions in the order of the file.
     *
     * @throws DataNotFoundException if it is not in the data folder
     * @throws DataFaultsException if a record is not as the set has them
     */
    public List<MathQuestion> read(DataRoot root) throws IOException {
        return read(root.file(path, set()));
    }

    List<MathQuestion> read(Path file) throws IOException {
        var questions = new ArrayList<MathQuestion>();
        var reader =
                new RecordReader(null) {
                    @Override
                    void add(int line, Map<String, Object> record) {
                        try {
                            questions.add(question(line, record));
                        } catch (IllegalArgumentException e) {
                            fault(line, e.getMessage());
                        }
                    }
                };
        if (path.endsWith(".csv")) {
            csv(file, reader);
        } else {
            InstructionFile.rows(file, reader);
        }
        reader.requireSound(file, questions.size());
        return questions;
    }

    private MathQuestion question(int line, Map<String, Object> r) {
        return switch (this) {
            case GSM8K_TRAIN, GSM8K_TEST -> {
                var solution = text(r, "answer");
                int mark = solution.lastIndexOf(GSM8K_ANSWER);
                if (mark < 0) {
                    throw new IllegalArgumentException("no " + GSM8K_ANSWER + " in the answer");
                }
                var answer = solution.substring(mark + GSM8K_ANSWER.length()).strip();
                yield new MathQuestion(
                        line, text(r, "question"), solution, "", number(answer.replace(",", "")));
            }
            case SVAMP ->
                    new MathQuestion(
                            line,
                            text(r, "Body") + ". " + text(r, "Question"),
                            "",
                            expression(text(r, "Equation")),
                            number(text(r, "Answer")));
            case MAWPS_ASDIV_A -> {
                var numbers = text(r, "Numbers").split(" ");
                yield new MathQuestion(
                        line,
                        filled(text(r, "Question"), numbers),
                        "",
                        expression(infix(filled(text(r, "Equation"), numbers))),
                        number(text(r, "Answer")));
            }
            case MAWPS_TRAIN, MAWPS_VALIDATION, MAWPS_TEST ->
                    new MathQuestion(
                            line,
                            text(r, "original_text"),
                            "",
                            expression(text(r, "equation")),
                            number(text(r, "ans")));
            default ->
                    new MathQuestion(
                            line,
                            text(r, "instruction"),
                            // the published training file has three without one
                            String.valueOf(r.getOrDefault("output", "")).strip(),
                            "",
                            number(text(r, "answer")));
        };
    }

    private static String text(Map<String, Object> record, String column) {
        var value = record.get(column);
        if (value == null
                || value instanceof Map
                || value instanceof List
                || value.toString().isBlank()) {
            throw new IllegalArgumentException("no " + column + ", it has " + record.keySet());
        }
        return value.toString().strip();
    }

    private static String number(String text) {
        // 2.2090603E7 is how a large double is written; nobody is to learn that.
        var plain = NUMBER.matcher(text).matches() ? new BigDecimal(text).toPlainString() : text;
        var whole = WHOLE.matcher(plain).replaceAll("$1");
        if (!NUMBER.matcher(whole).matches() && !whole.matches("[A-E]")) {
            throw new IllegalArgumentException(
                    "the answer is no number: " + whole.substring(0, Math.min(40, whole.length())));
        }
        return whole;
    }

    /** Without {@code x=}, outer brackets and {@code .0}; empty if an unknown is left. */
    static String expression(String equation) {
        var bare = NAMED.matcher(equation.replaceAll("\\s", "")).replaceFirst("");
        bare = WHOLE.matcher(bare).replaceAll("$1");
        while (bare.startsWith("(") && closes(bare) == bare.length() - 1) {
            bare = bare.substring(1, bare.length() - 1);
        }
        return CALCULATION.matcher(bare).matches() ? bare : "";
    }

    /** Where the bracket that opens a text is closed. */
    private static int closes(String text) {
        int open = 0;
        for (int i = 0; i < text.length(); i++) {
            open += text.charAt(i) == '(' ? 1 : text.charAt(i) == ')' ? -1 : 0;
            if (open == 0) {
                return i;
            }
        }
        return -1;
    }

    private static String filled(String text, String[] numbers) {
        var filled = text;
        for (int i = numbers.length - 1; i >= 0; i--) {
            filled = filled.replace("number" + i, WHOLE.matcher(numbers[i]).replaceAll("$1"));
        }
        return filled;
    }

    /** From operators before their two parts to operators between them. */
    private static String infix(String prefix) {
        var parts = new ArrayDeque<String>();
        var words = prefix.strip().split("\\s+");
        for (int i = words.length - 1; i >= 0; i--) {
            boolean operator = words[i].matches("[-+*/]");
            if (operator && parts.size() < 2) {
                throw new IllegalArgumentException(
                        "the equation \"" + prefix + "\" lacks a number");
            }
            parts.push(operator ? "(" + parts.pop() + words[i] + parts.pop() + ")" : words[i]);
        }
        return parts.size() == 1 ? parts.pop() : "";
    }

    private static void csv(Path file, RecordReader reader) throws IOException {
        var settings = new CsvParserSettings();
        settings.setLineSeparatorDetectionEnabled(true);
        settings.setMaxCharsPerColumn(1 << 20);
        var parser = new CsvParser(settings);
        try (var in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            parser.beginParsing(in);
            var names = parser.parseNext();
            for (var row = parser.parseNext(); row != null; row = parser.parseNext()) {
                var record = new LinkedHashMap<String, Object>();
                for (int i = 0; i < row.length && i < names.length; i++) {
                    record.put(names[i], row[i]);
                }
                reader.add((int) parser.getContext().currentLine(), record);
            }
        }
    }
}
