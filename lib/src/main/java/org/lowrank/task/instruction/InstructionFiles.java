package org.lowrank.task.instruction;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lowrank.config.Option;
import org.lowrank.config.OptionValues;
import org.lowrank.data.instruction.DataFaultsException;
import org.lowrank.data.instruction.Instruction;
import org.lowrank.data.instruction.InstructionFile;
import org.lowrank.engine.Checksums;

/**
 * Files of one's own as the records of a task.
 *
 * @param test empty for none
 * @param sha256 of what the files must hold, see {@link #sha256}; empty for anything
 */
public record InstructionFiles(String train, String test, String sha256, Broken broken)
        implements InstructionSource {

    /** What becomes of a file with records that cannot be used. */
    public enum Broken {
        /** It is refused, with every one of them by its line. */
        REFUSE,
        /** They are left out, counted in the record of the run and named by their lines. */
        LEAVE_OUT
    }

    static final Option<String> TRAIN = text("train", "file of training records");

    static final Option<String> TEST =
            text("test", "file of test records; empty: a tenth of the training records");

    static final Option<String> SHA256 =
            text("sha256", "of the files; if they hold something else the run is refused");

    static final Option<Broken> BROKEN =
            Option.choice(
                    "broken",
                    Broken.REFUSE,
                    Broken.class,
                    "what is done with a file's bad records");

    private static Option<String> text(String name, String meaning) {
        return new Option<>(name, String.class, "", "a text", text -> true, meaning);
    }

    static List<Option<?>> options() {
        return List.of(TRAIN, TEST, SHA256, BROKEN);
    }

    /** Those that were named, or null if none was. */
    static InstructionFiles of(OptionValues options) {
        return options.get(TRAIN).isEmpty()
                ? null
                : new InstructionFiles(
                        options.get(TRAIN),
                        options.get(TEST),
                        options.get(SHA256),
                        options.get(BROKEN));
    }

    /**
     * What names the contents of files, for the option {@code sha256}.
     *
     * @param test may be null
     * @throws DataFaultsException with every fault of a file that is refused, by its line
     */
    public static String sha256(Path train, Path test, Broken broken) throws IOException {
        records(train, broken);
        if (test != null) {
            records(test, broken);
        }
        return sha256(train.toString(), test == null ? "" : test.toString());
    }

    private static String sha256(String train, String test) throws IOException {
        var parts = Checksums.of(Path.of(train));
        parts += test.isEmpty() ? "" : Checksums.of(Path.of(test));
        return test.isEmpty() ? parts : Checksums.of(parts.getBytes(StandardCharsets.US_ASCII));
    }

    private static InstructionFile.Usable records(Path file, Broken broken) throws IOException {
        return broken == Broken.LEAVE_OUT
                ? InstructionFile.usable(file)
                : new InstructionFile.Usable(InstructionFile.read(file), List.of());
    }

    @Override
    public Records read() throws IOException {
        if (!sha256.isEmpty() && !sha256.equals(sha256(train, test))) {
            throw new IOException(
                    train
                            + (test.isEmpty() ? "" : " or " + test)
                            + " is not what it was when this was planned; bring it back, or"
                            + " begin anew in another folder");
        }
        var facts = new LinkedHashMap<String, Object>();
        var remarks = new ArrayList<String>();
        var trained = read("train", train, facts, remarks);
        var tested = test.isEmpty() ? List.<Instruction>of() : read("test", test, facts, remarks);
        return new Records(train, trained, test, tested, facts, remarks);
    }

    private List<Instruction> read(
            String part, String name, Map<String, Object> facts, List<String> remarks)
            throws IOException {
        var file = Path.of(name);
        var usable = records(file, broken);
        facts.put(part + "_sha256", Checksums.of(file));
        if (broken == Broken.LEAVE_OUT) {
            facts.put(part + "_broken", usable.faults().size());
            usable.faults().forEach(fault -> remarks.add(name + ", " + fault + "; left out"));
        }
        return usable.records();
    }
}
