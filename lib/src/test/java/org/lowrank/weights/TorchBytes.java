package org.lowrank.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** What {@code torch.save} writes of a dictionary of float32 matrices. */
public final class TorchBytes {

    private final ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final ZipOutputStream zip = new ZipOutputStream(bytes);
    private int count;

    public TorchBytes() {
        text("\u0080\2}q\0(");
    }

    /** One more matrix, or a vector of one dimension. */
    public TorchBytes tensor(String name, float[] values, long... shape) throws IOException {
        var key = Integer.toString(count++);
        unicode(name);
        text("ctorch._utils\n_rebuild_tensor_v2\n((");
        unicode("storage");
        text("ctorch\nFloatStorage\n");
        unicode(key);
        unicode("cpu");
        number(values.length);
        text("tQK\0");
        tuple(shape);
        tuple(shape.length == 2 ? new long[] {shape[1], 1} : new long[] {1});
        text("\u0089ccollections\nOrderedDict\n)RtR");
        var numbers = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        numbers.asFloatBuffer().put(values);
        store("archive/data/" + key, numbers.array());
        return this;
    }

    /** The whole file. */
    public byte[] file() throws IOException {
        text("u.");
        store("archive/data.pkl", pickle.toByteArray());
        zip.close();
        return bytes.toByteArray();
    }

    private void tuple(long[] numbers) {
        for (long number : numbers) {
            number((int) number);
        }
        text(numbers.length == 2 ? "\u0086" : "\u0085");
    }

    private void number(int value) {
        pickle.write('J');
        pickle.writeBytes(
                ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    }

    private void unicode(String value) {
        pickle.write('X');
        var length = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value.length());
        pickle.writeBytes(length.array());
        text(value);
    }

    private void text(String latin) {
        pickle.writeBytes(latin.getBytes(StandardCharsets.ISO_8859_1));
    }

    private void store(String name, byte[] content) throws IOException {
        var entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        var crc = new CRC32();
        crc.update(content);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
