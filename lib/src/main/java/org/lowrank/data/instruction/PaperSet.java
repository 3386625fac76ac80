package org.lowrank.data.instruction;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.lowrank.data.source.DataNotFoundException;
import org.lowrank.data.source.DataRoot;
import org.lowrank.data.source.NeededFile;

/**
 * The instruction sets that both papers train Llama on, with the selections of their scripts.
 *
 * <p>What a script leaves out by length is {@code max_length} here (511 for {@link #META_MATH},
 * 1023 for the others, {@code too_long} leave_out); where it takes the first rows that are left,
 * {@code train_rows} draws as many at random, equally for every method. AltLoRA's script takes the
 * rows of LoRA-Pro's and packs them: {@code packed}, {@code loss} whole, {@code max_length} 512.
 */
public enum PaperSet {
    /** MetaMathQA, arXiv 2309.12284. */
    META_MATH(
            "metamath",
            "metamath/MetaMathQA-395K.json",
            new Columns("query", "", "response"),
            "type"),
    /** CodeFeedback-Filtered-Instruction, arXiv 2402.14658. */
    CODE_FEEDBACK(
            "codefeedback",
            "codefeedback/CodeFeedback-Filtered-Instruction.jsonl",
            new Columns("query", "", "answer"),
            "lang"),
    /** WizardLM's evolved instructions (arXiv 2304.12244), the English side of a translated set. */
    WIZARD_LM(
            "wizardlm", "wizardlm/wizard_700k.jsonl", new Columns("instruction", "", "output"), "");

    /** Which rows are taken, and what of an answer. */
    public enum Selection {
        /**
         * LoRA-Pro's scripts: of MetaMathQA the rows made of GSM8K, whole; of CodeFeedback answers
         * with a fenced block, of which the first is the answer, without its fence; of WizardLM
         * answers that neither apologise nor speak of being an AI.
         */
        LORA_PRO,
        /** LoRA-GA's: as LoRA-Pro, and of MetaMathQA the answer up to {@code The answer is}. */
        LORA_GA,
        /** Every row as it is. */
        ALL
    }

    private static final Pattern FENCED = Pattern.compile("```[^\\n`]*\\n(.*?)```", Pattern.DOTALL);
    private static final String SUMMARY = "The answer is";
    private static final List<String> REFUSALS = List.of("sorry", "as an ai");

    private final String set;
    private final String path;
    private final Columns columns;
    private final String kindColumn;

    PaperSet(String set, String path, Columns columns, String kindColumn) {
        this.set = set;
        this.path = path;
        this.columns = columns;
        this.kindColumn = kindColumn;
    }

    /** The name of its manifest. */
    public String manifestName() {
        return set;
    }

    /** Where it lies below the data folder. */
    public String path() {
        return path;
    }

    /** Its file. */
    public NeededFile file() {
        return new NeededFile(path, set);
    }

    /**
     * The rows of a selection, in the order of the file.
     *
     * @throws DataNotFoundException if the set is not in the data folder
     * @throws DataFaultsException if a record cannot be used; all are named
     */
    public List<Instruction> read(DataRoot root, Selection selection) throws IOException {
        return read(root.file(path, set), selection);
    }

    List<Instruction> read(Path file, Selection selection) throws IOException {
        var kinds = new ArrayList<String>();
        var reader =
                new RecordReader(columns) {
                    @Override
                    void add(int line, Map<String, Object> record) {
                        int before = instructions().size();
                        super.add(line, record);
                        if (instructions().size() > before) {
                            kinds.add(String.valueOf(record.getOrDefault(kindColumn, "")));
                        }
                    }
                };
        InstructionFile.rows(file, reader);
        reader.requireSound(file, reader.instructions().size());
        var selected = new ArrayList<Instruction>();
        for (int i = 0; i < kinds.size(); i++) {
            var record = reader.instructions().get(i);
            var answer = answer(record.answer(), kinds.get(i), selection);
            if (!answer.isBlank()) {
                selected.add(
                        Instruction.of(
                                record.line(), record.instruction(), record.input(), answer));
            }
        }
        if (selected.isEmpty()) {
            throw new DataFaultsException(
                    file,
                    List.of(
                            "none of "
                                    + kinds.size()
                                    + " records is of the selection "
                                    + selection),
                    0);
        }
        return selected;
    }

    /** What is learned of a row, empty if the selection leaves it out. */
    private String answer(String answer, String kind, Selection selection) {
        if (selection == Selection.ALL) {
            return answer;
        }
        return switch (this) {
            case META_MATH -> {
                if (!kind.contains("GSM")) {
                    yield "";
                }
                int end = answer.indexOf(SUMMARY);
                yield selection == Selection.LORA_GA && end > 0
                        ? answer.substring(0, end).strip()
                        : answer;
            }
            case CODE_FEEDBACK -> {
                var block = FENCED.matcher(answer);
                yield block.find() ? block.group(1).strip() : "";
            }
            case WIZARD_LM -> {
                var lower = answer.toLowerCase(Locale.ROOT);
                yield REFUSALS.stream().anyMatch(lower::contains) ? "" : answer;
            }
        };
    }
}
