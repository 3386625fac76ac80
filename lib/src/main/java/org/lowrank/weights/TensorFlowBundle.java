package org.lowrank.weights;

import ai.djl.ndarray.types.Shape;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The variables of a TensorFlow checkpoint of BERT under the names that PyTorch gives them
 * (TensorFlow, tensor_bundle.proto): {@code variables.index} is a {@link LevelDbTable} of places,
 * {@code variables.data-00000-of-00001} holds the values. Both are entries of a zip, which is read
 * as a stream, twice, since the index stands last. Every tensor is checked by its CRC32C.
 */
public final class TensorFlowBundle implements WeightSource {

    private static final String INDEX = "variables/variables.index";
    private static final String DATA = "variables/variables.data-00000-of-00001";
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

    private final String file;
    private final StreamOpener zip;

    /**
     * @param file what error messages call the zip
     * @param zip the zip with the folder {@code variables}
     */
    public TensorFlowBundle(String file, StreamOpener zip) {
        this.file = file;
        this.zip = zip;
    }

    @Override
    public String file() {
        return file;
    }

    private record Place(String name, Shape shape, long offset, long size, long crc32c) {}

    @Override
    public void forEach(Visitor visitor) throws IOException {
        var places = index();
        try (var in = NestedZip.open(file, zip, DATA)) {
            var reader = new BundleData(in, file + "!" + DATA);
            for (var place : places) {
                var values =
                        reader.floats(place.name(), place.offset(), place.size(), place.crc32c());
                var name = BertVariableNames.inPyTorch(place.name());
                var tensor = new WeightTensor(name, place.shape(), values);
                visitor.visit(
                        BertVariableNames.isKernel(place.name()) ? tensor.transposed() : tensor);
            }
        }
    }

    /** The places of all tensors, as they follow each other in the data. */
    private List<Place> index() throws IOException {
        byte[] table;
        try (var in = NestedZip.open(file, zip, INDEX)) {
            table = in.readAllBytes();
        }
        var index = file + "!" + INDEX;
        var places = new ArrayList<Place>();
        for (var entry : LevelDbTable.read(table, index)) {
            var reader = new ProtobufReader(new ByteArrayInputStream(entry.value()), index);
            if (entry.key().isEmpty()) {
                checkHeader(reader);
            } else {
                reader.at("tensor " + entry.key());
                places.add(place(entry.key(), reader));
            }
        }
        places.sort(Comparator.comparingLong(Place::offset));
        return places;
    }

    private static void checkHeader(ProtobufReader reader) throws IOException {
        reader.at("the header");
        while (reader.next()) {
            if (reader.field() == HEADER_SHARDS && reader.wireType() == ProtobufReader.VARINT) {
                long shards = reader.number();
                if (shards != 1) {
                    throw reader.broken("one data file should hold all, but there are " + shards);
                }
            } else if (reader.field() == HEADER_ENDIANNESS) {
                if (reader.number() != 0) {
                    throw reader.broken("numbers should be little-endian, but are big-endian");
                }
            } else {
                reader.skip();
            }
        }
    }

    private static Place place(String name, ProtobufReader reader) throws IOException {
        long type = 0;
        long offset = 0;
        long size = 0;
        long crc32c = 0;
        var shape = new Shape();
        while (reader.next()) {
            switch (reader.field()) {
                case ENTRY_TYPE -> type = reader.number();
                case ENTRY_SHAPE -> shape = shape(reader);
                case ENTRY_OFFSET -> offset = reader.number();
                case ENTRY_SIZE -> size = reader.number();
                case ENTRY_CRC32C -> crc32c = reader.fixed32();
                default -> reader.skip();
            }
        }
        if (type != FLOAT32) {
            throw reader.broken("it should be of type 1 (float32), but is of type " + type);
        }
        if (size != Float.BYTES * shape.size()) {
            throw reader.broken(
                    "its shape " + shape + " does not fit the " + size + " bytes that it takes");
        }
        return new Place(name, shape, offset, size, crc32c);
    }

    private static Shape shape(ProtobufReader reader) throws IOException {
        var dims = new ArrayList<Long>();
        long outer = reader.enter();
        while (reader.next()) {
            if (reader.field() == SHAPE_DIM) {
                long entry = reader.enter();
                long size = 0;
                while (reader.next()) {
                    if (reader.field() == DIM_SIZE) {
                        size = reader.number();
                    } else {
                        reader.skip();
                    }
                }
                reader.leave(entry);
                dims.add(size);
            } else {
                reader.skip();
            }
        }
        reader.leave(outer);
        return checked(dims, reader);
    }

    private static Shape checked(List<Long> dims, ProtobufReader reader) throws IOException {
        long size = 1;
        for (long dim : dims) {
            if (dim < 0 || (dim > 0 && size > Integer.MAX_VALUE / dim)) {
                throw reader.broken("its shape " + dims + " is not possible");
            }
            size *= dim;
        }
        return new Shape(dims);
    }

    @Override
    public String toString() {
        return "TensorFlow variables of " + file;
    }
}
