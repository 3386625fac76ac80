package org.lowrank.train;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.lowrank.engine.AtomicFile;

/**
 * One file with all that the rest of a run depends on: history, trained arrays, optimizer state.
 * Random sources and the position in the data follow from the seed and the step number, so they
 * need no room. A run that reads it goes on bit-equal (CPU, equal number of threads).
 *
 * <p>Layout: magic, format, the run's name, the {@link RunState}, and a CRC-32C of all before it.
 */
final class Checkpoint {

    private static final long MAGIC = 0x4C4F5752414E4B43L; // LOWRANKC
    private static final int FORMAT = 1;
    private static final int CRC_BYTES = Long.BYTES;

    private Checkpoint() {}

    /** Writes a checkpoint, whole or not at all. */
    static void write(Path file, String run, RunState state, Trained trained) throws IOException {
        AtomicFile.write(file, out -> write(out, run, state, trained));
    }

    private static void write(OutputStream file, String run, RunState state, Trained trained)
            throws IOException {
        var sum = new CRC32C();
        var out = new DataOutputStream(new CheckedOutputStream(file, sum));
        out.writeLong(MAGIC);
        out.writeInt(FORMAT);
        out.writeUTF(run);
        state.save(out, trained);
        out.flush();
        out.writeLong(sum.getValue());
    }

    /**
     * Reads a whole checkpoint into the arrays and optimizers of the run that wrote it.
     *
     * @throws IOException if it does not fit them; they are in no defined state then
     */
    static void read(Path file, RunState state, Trained trained) throws IOException {
        try (var in = new DataInputStream(new BufferedInputStream(open(file)))) {
            in.readLong();
            in.readInt();
            in.readUTF();
            state.load(in, trained);
        } catch (IOException e) {
            throw new IOException(
                    file
                            + " is whole but does not fit this run ("
                            + e.getMessage()
                            + "): another version of the library wrote it. Remove it to begin anew",
                    e);
        }
    }

    /**
     * Checks a file from end to end; nothing is changed.
     *
     * @throws IOException if it is damaged, another run's, or of another format; the message says
     *     which
     */
    static void verify(Path file, String run) throws IOException {
        checkSum(file);
        try (var in = new DataInputStream(new BufferedInputStream(open(file)))) {
            expect(file, "start with", MAGIC, in.readLong());
            expect(file, "be of format", FORMAT, in.readInt());
            expect(file, "be of run", run, in.readUTF());
        }
    }

    private static void checkSum(Path file) throws IOException {
        long length = Files.size(file) - CRC_BYTES;
        var sum = new CRC32C();
        try (var raw = new BufferedInputStream(open(file))) {
            var checked = new CheckedInputStream(raw, sum);
            checked.skipNBytes(Math.max(0, length));
            long found = sum.getValue();
            long stored = new DataInputStream(raw).readLong();
            expect(file, "have the checksum", stored, found);
        } catch (EOFException e) {
            throw new IOException(file + " ends too early", e);
        }
    }

    // not Files.newInputStream, which an interrupt of the thread closes
    private static InputStream open(Path file) throws IOException {
        return new FileInputStream(file.toFile());
    }

    private static void expect(Path file, String what, Object expected, Object found)
            throws IOException {
        if (!expected.equals(found)) {
            throw new IOException(file + " should " + what + " " + expected + ", not " + found);
        }
    }
}
