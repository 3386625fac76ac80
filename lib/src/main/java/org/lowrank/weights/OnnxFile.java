package org.lowrank.weights;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.lowrank.weights.MappedTensors.Place;

/**
 * Opens the floating-point initializers of an ONNX file (messages and field numbers: the ONNX
 * specification, onnx.proto), under the names of the PyTorch model that was exported. Integer
 * initializers are constants of the graph and are passed over.
 *
 * <p>An export names the weights of linear maps anonymously ({@code onnx::MatMul_787}) and stores
 * them (in, out). The node that uses one is named by its module: {@code
 * /encoder/layer.0/attention/self/query/MatMul} makes it {@code
 * encoder/layer.0/attention/self/query/kernel}, the form in which TensorFlow names a matrix (in,
 * out).
 */
public final class OnnxFile {

    private static final int MODEL_GRAPH = 7;
    private static final int GRAPH_NODE = 1;
    private static final int GRAPH_INITIALIZER = 5;
    private static final int NODE_INPUT = 1;
    private static final int NODE_NAME = 3;
    private static final int NODE_OPERATOR = 4;
    private static final int TENSOR_DIMS = 1;
    private static final int TENSOR_TYPE = 2;
    private static final int TENSOR_FLOATS = 4;
    private static final int TENSOR_NAME = 8;
    private static final int TENSOR_RAW_DATA = 9;
    private static final int TENSOR_LOCATION = 14;

    private static final Map<Integer, TensorType> TYPES =
            Map.of(1, TensorType.F32, 10, TensorType.F16, 11, TensorType.F64, 16, TensorType.BF16);
    private static final Pattern MODULE = Pattern.compile("/(.+)/MatMul");

    private final MappedFile file;
    private final CodedInputStream in;
    private final List<Place> tensors = new ArrayList<>();
    private final Map<String, String> moduleOfWeight = new HashMap<>();
    private String at = "the model";

    /** True if a message claims more than the file has. */
    private boolean cut;

    private OnnxFile(MappedFile file) throws IOException {
        this.file = file;
        in = CodedInputStream.newInstance(file.bytes(0, (int) file.length()));
    }

    /**
     * Opens a file.
     *
     * @throws MalformedFileException if it is no ONNX file, is cut off, or keeps its weights
     *     elsewhere
     */
    public static TensorSource open(Path path) throws IOException {
        return MappedTensors.open(path, OnnxFile::read);
    }

    private static MappedTensors read(MappedFile file) throws IOException {
        if (file.length() > Integer.MAX_VALUE) {
            throw new MalformedFileException(
                    file.path(), "file", "has more than the 2 GB that an ONNX file can have");
        }
        var reader = new OnnxFile(file);
        try {
            reader.readModel();
        } catch (InvalidProtocolBufferException e) {
            throw reader.refusal(
                    "the file is cut off or damaged here, or is no ONNX file at all: "
                            + e.getMessage(),
                    e);
        }
        return new MappedTensors(file.path(), file, reader.named(), Map.of());
    }

    private void readModel() throws IOException {
        boolean found = false;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == field(MODEL_GRAPH, WireFormat.WIRETYPE_LENGTH_DELIMITED)) {
                found = true;
                int outer = enter();
                readGraph();
                in.popLimit(outer);
                at = "the model";
            } else {
                in.skipField(tag);
            }
        }
        if (cut) {
            throw refusal("the file ends here, but more bytes were expected", null);
        }
        if (!found) {
            throw refusal("holds no graph where an ONNX model has it; it is another kind", null);
        }
    }

    private void readGraph() throws IOException {
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == field(GRAPH_NODE, WireFormat.WIRETYPE_LENGTH_DELIMITED)) {
                int outer = enter();
                readNode();
                in.popLimit(outer);
            } else if (tag == field(GRAPH_INITIALIZER, WireFormat.WIRETYPE_LENGTH_DELIMITED)) {
                at = "tensor number " + (tensors.size() + 1);
                int outer = enter();
                readTensor();
                in.popLimit(outer);
                at = "the graph";
            } else {
                in.skipField(tag);
            }
        }
    }

    /** Enters a message, to the end of the file if it claims more; returns what leaves it. */
    private int enter() throws IOException {
        long length = in.readRawVarint64();
        long left = file.length() - in.getTotalBytesRead();
        cut |= length < 0 || length > left;
        return in.pushLimit((int) Math.min(length < 0 ? left : length, left));
    }

    /** The length of bytes that must be there. */
    private int length() throws IOException {
        long length = in.readRawVarint64();
        long left = file.length() - in.getTotalBytesRead();
        if (length < 0 || length > left) {
            throw refusal(
                    String.format(
                            "the file ends here, but %s bytes were expected, %s more bytes than it"
                                    + " has",
                            Long.toUnsignedString(length), Long.toUnsignedString(length - left)),
                    null);
        }
        return (int) length;
    }

    private void readNode() throws IOException {
        var inputs = new ArrayList<String>();
        var name = "";
        var operator = "";
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case NODE_INPUT -> inputs.add(in.readStringRequireUtf8());
                case NODE_NAME -> name = in.readStringRequireUtf8();
                case NODE_OPERATOR -> operator = in.readStringRequireUtf8();
                default -> in.skipField(tag);
            }
        }
        var module = MODULE.matcher(name);
        if (operator.equals("MatMul") && inputs.size() == 2 && module.matches()) {
            moduleOfWeight.put(inputs.get(1), module.group(1));
        }
    }

    private void readTensor() throws IOException {
        var dims = new ArrayList<Long>();
        int type = 0;
        String name = null;
        long begin = -1;
        long bytes = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case TENSOR_DIMS -> readDims(tag, dims);
                case TENSOR_TYPE -> type = in.readInt32();
                case TENSOR_NAME -> {
                    name = in.readStringRequireUtf8();
                    at = "tensor " + name;
                }
                case TENSOR_RAW_DATA, TENSOR_FLOATS -> {
                    bytes = length();
                    begin = in.getTotalBytesRead();
                    in.skipRawBytes((int) bytes);
                }
                case TENSOR_LOCATION -> {
                    if (in.readInt32() != 0) {
                        throw refusal(
                                "its values lie in another file (external data), which is not"
                                        + " read: export the model into one file",
                                null);
                    }
                }
                default -> in.skipField(tag);
            }
        }
        if (TYPES.containsKey(type)) {
            tensors.add(place(name, TYPES.get(type), dims, begin, bytes));
        }
    }

    /** One after the other, or all packed into one field. */
    private void readDims(int tag, List<Long> dims) throws IOException {
        if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_VARINT) {
            dims.add(in.readInt64());
            return;
        }
        int outer = enter();
        while (in.getBytesUntilLimit() > 0) {
            dims.add(in.readInt64());
        }
        in.popLimit(outer);
    }

    private Place place(String name, TensorType type, List<Long> dims, long begin, long bytes)
            throws MalformedFileException {
        if (cut) {
            throw refusal("the file ends here, but more bytes were expected", null);
        }
        if (name == null || begin < 0) {
            throw refusal(
                    "a tensor of numbers should have a name and its values in the file", null);
        }
        try {
            long needed = type.bytes(dims);
            if (needed != bytes) {
                throw refusal(
                        String.format(
                                "its shape %s needs %d values of %s, but it has %s",
                                dims,
                                needed / type.blockBytes(),
                                type,
                                (double) bytes / type.blockBytes()),
                        null);
            }
        } catch (ArithmeticException e) {
            throw refusal("its shape " + dims + " is not possible", null);
        }
        return new Place(new TensorInfo(name, type, dims, bytes), begin);
    }

    /** The tensors by the names of their modules. */
    private List<Place> named() throws MalformedFileException {
        var named = new ArrayList<Place>();
        for (var place : tensors) {
            var info = place.info();
            var module = moduleOfWeight.get(info.name());
            if (module == null) {
                named.add(place);
                continue;
            }
            if (info.shape().size() != 2) {
                at = "tensor " + info.name();
                throw refusal(
                        "as the weight of %s it should be a matrix but has shape %s"
                                .formatted(module, info.shape()),
                        null);
            }
            named.add(
                    new Place(
                            new TensorInfo(
                                    module + "/kernel",
                                    info.type(),
                                    info.shape(),
                                    info.byteCount()),
                            place.begin()));
        }
        return named;
    }

    private static int field(int number, int wireType) {
        return number << 3 | wireType;
    }

    private MalformedFileException refusal(String problem, Throwable cause) {
        return new MalformedFileException(
                file.path(), at, "at byte " + in.getTotalBytesRead() + ": " + problem, cause);
    }
}
