package org.lowrank.weights;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.lowrank.weights.MappedTensors.Place;

/**
 * Opens the variables of a TensorFlow checkpoint (TensorFlow, tensor_bundle.proto): {@code
 * NAME.index} is a {@link LevelDbTable} of places, {@code NAME.data-00000-of-00001} beside it holds
 * the values. Names are the file's, with slashes; a {@code kernel} is (in, out). Every tensor is
 * checked by its CRC32C when it is first read.
 */
public final class TensorFlowBundle {

    private static final String INDEX = ".index";
    private static final String DATA = ".data-00000-of-00001";
    private static final int HEADER_SHARDS = 1;
    private static final int HEADER_ENDIANNESS = 2;
    private static final int ENTRY_TYPE = 1;
    private static final int ENTRY_SHAPE = 2;
    private static final int ENTRY_OFFSET = 4;
    private static final int ENTRY_SIZE = 5;
    private static final int ENTRY_CRC32C = 6;
    private static final int SHAPE_DIM = 2;
    private static final int DIM_SIZE = 1;
    private static final int FLOAT32 = 1;

    private final Path index;
    private final List<Place> places = new ArrayList<>();
    private CodedInputStream in;
    private String at;

    private TensorFlowBundle(Path index) {
        this.index = index;
    }

    /**
     * Opens a checkpoint.
     *
     * @param index its file that ends in {@code .index}
     * @throws MalformedFileException if one of the two files is damaged or not there
     */
    public static TensorSource open(Path index) throws IOException {
        ByteBuffer table;
        try (var file = MappedFile.open(index)) {
            if (file.length() > StrictJson.LARGEST) {
                throw new MalformedFileException(index, "file", "is too long for an index");
            }
            table = file.bytes(0, (int) file.length());
        }
        var bytes = new byte[table.remaining()];
        table.get(bytes);
        var bundle = new TensorFlowBundle(index);
        bundle.read(LevelDbTable.read(bytes, index));
        var name = index.getFileName().toString();
        if (!name.endsWith(INDEX)) {
            throw new MalformedFileException(index, "file", "an index should be named NAME.index");
        }
        var stem = name.substring(0, name.length() - INDEX.length());
        return MappedTensors.open(
                index.resolveSibling(stem + DATA),
                data -> new MappedTensors(index, data, bundle.places, Map.of()));
    }

    private void read(List<LevelDbTable.Entry> entries) throws IOException {
        for (var entry : entries) {
            in = CodedInputStream.newInstance(entry.value());
            at = entry.key().isEmpty() ? "the header" : entry.key();
            try {
                if (entry.key().isEmpty()) {
                    checkHeader();
                } else {
                    places.add(place(entry.key()));
                }
            } catch (InvalidProtocolBufferException e) {
                throw refusal("its entry of the index is damaged: " + e.getMessage());
            }
        }
        places.sort(Comparator.comparingLong(Place::begin));
    }

    private void checkHeader() throws IOException {
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case HEADER_SHARDS -> {
                    long shards = in.readInt64();
                    if (shards != 1) {
                        throw refusal("one data file should hold all, but there are " + shards);
                    }
                }
                case HEADER_ENDIANNESS -> {
                    if (in.readInt64() != 0) {
                        throw refusal("numbers should be little-endian, but are big-endian");
                    }
                }
                default -> in.skipField(tag);
            }
        }
    }

    private Place place(String name) throws IOException {
        long type = 0;
        long offset = 0;
        long size = 0;
        int crc32c = 0;
        List<Long> shape = List.of();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case ENTRY_TYPE -> type = in.readInt64();
                case ENTRY_SHAPE -> shape = shape();
                case ENTRY_OFFSET -> offset = in.readInt64();
                case ENTRY_SIZE -> size = in.readInt64();
                case ENTRY_CRC32C -> crc32c = in.readFixed32();
                default -> in.skipField(tag);
            }
        }
        if (type != FLOAT32) {
            throw refusal("should be of type 1 (float32), but is of type " + type);
        }
        if (offset < 0) {
            throw refusal("begins at " + offset);
        }
        try {
            if (size != TensorType.F32.bytes(shape)) {
                throw refusal("shape " + shape + " does not fit the " + size + " bytes it takes");
            }
        } catch (ArithmeticException e) {
            throw refusal("shape " + shape + " is not possible");
        }
        return new Place(
                new TensorInfo(name, TensorType.F32, shape, size),
                offset,
                Integer.toUnsignedLong(crc32c));
    }

    private List<Long> shape() throws IOException {
        var dims = new ArrayList<Long>();
        int outer = in.pushLimit(in.readRawVarint32());
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (WireFormat.getTagFieldNumber(tag) != SHAPE_DIM) {
                in.skipField(tag);
                continue;
            }
            int entry = in.pushLimit(in.readRawVarint32());
            long size = 0;
            for (int part = in.readTag(); part != 0; part = in.readTag()) {
                if (WireFormat.getTagFieldNumber(part) == DIM_SIZE) {
                    size = in.readInt64();
                } else {
                    in.skipField(part);
                }
            }
            in.popLimit(entry);
            dims.add(size);
        }
        in.popLimit(outer);
        return dims;
    }

    private MalformedFileException refusal(String problem) {
        return new MalformedFileException(index, at, problem);
    }
}
