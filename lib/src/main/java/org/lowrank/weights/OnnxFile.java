package org.lowrank.weights;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The float32 initializers of an ONNX file (messages and field numbers: the ONNX specification,
 * onnx.proto), under the names of the PyTorch model that was exported.
 *
 * <p>An export names the weights of linear maps anonymously ({@code onnx::MatMul_787}) and stores
 * them (in, out). The node that uses one is named by its module: {@code
 * /encoder/layer.0/attention/self/query/MatMul} makes it {@code
 * encoder.layer.0.attention.self.query.weight}, and it is turned to (out, in). Other initializers
 * carry their names. Integer initializers are passed over.
 */
public final class OnnxFile implements WeightSource {

    private static final int MODEL_GRAPH = 7;
    private static final int GRAPH_NODE = 1;
    private static final int GRAPH_INITIALIZER = 5;
    private static final int NODE_INPUT = 1;
    private static final int NODE_NAME = 3;
    private static final int NODE_OPERATOR = 4;
    private static final int TENSOR_DIMS = 1;
    private static final int TENSOR_TYPE = 2;
    private static final int TENSOR_NAME = 8;
    private static final int TENSOR_RAW_DATA = 9;
    private static final int FLOAT32 = 1;
    private static final Pattern MODULE = Pattern.compile("/(.+)/MatMul");

    private final String file;
    private final StreamOpener opener;
    private final String sha256;

    /**
     * @param file what error messages call the file
     * @param sha256 the checksum that the file must have, in hexadecimal; null if any file will do
     */
    public OnnxFile(String file, StreamOpener opener, String sha256) {
        this.file = file;
        this.opener = opener;
        this.sha256 = sha256;
    }

    @Override
    public String file() {
        return file;
    }

    @Override
    public void forEach(Visitor visitor) throws IOException {
        var graph = read();
        for (var tensor : graph.tensors) {
            var module = graph.moduleOfWeight.get(tensor.name());
            if (module == null) {
                visitor.visit(tensor);
            } else if (tensor.shape().dimension() == 2) {
                var named = new WeightTensor(module + ".weight", tensor.shape(), tensor.values());
                visitor.visit(named.transposed());
            } else {
                throw new WeightFileException(
                        file
                                + ": tensor "
                                + tensor.name()
                                + ", the weight of "
                                + module
                                + ", should be a matrix but has shape "
                                + tensor.shape());
            }
        }
    }

    private static final class Graph {
        final List<WeightTensor> tensors = new ArrayList<>();
        final Map<String, String> moduleOfWeight = new HashMap<>();
        boolean found;
    }

    private Graph read() throws IOException {
        var graph = new Graph();
        var digest = sha256Digest();
        try (var in = new DigestInputStream(opener.open(), digest)) {
            var reader = new ProtobufReader(in, file);
            while (reader.next()) {
                if (reader.field() == MODEL_GRAPH && reader.wireType() == ProtobufReader.BYTES) {
                    graph.found = true;
                    long outer = reader.enter();
                    readGraph(reader, graph);
                    reader.leave(outer);
                    reader.at("the model");
                } else {
                    reader.skip();
                }
            }
        }
        if (!graph.found) {
            throw new WeightFileException(
                    file
                            + " holds no graph where an ONNX model has it; it is another kind of file");
        }
        var found = HexFormat.of().formatHex(digest.digest());
        if (sha256 != null && !sha256.equals(found)) {
            throw new WeightFileException(
                    file
                            + " is not the file that this model was published as: its sha256 should"
                            + " be "
                            + sha256
                            + " but is "
                            + found
                            + "; it was altered. Delete the jar, and it is fetched anew");
        }
        return graph;
    }

    private static void readGraph(ProtobufReader reader, Graph graph) throws IOException {
        while (reader.next()) {
            if (reader.field() == GRAPH_NODE) {
                long outer = reader.enter();
                readNode(reader, graph);
                reader.leave(outer);
            } else if (reader.field() == GRAPH_INITIALIZER) {
                reader.at("tensor number " + (graph.tensors.size() + 1));
                long outer = reader.enter();
                readTensor(reader, graph);
                reader.leave(outer);
                reader.at("the graph");
            } else {
                reader.skip();
            }
        }
    }

    private static void readNode(ProtobufReader reader, Graph graph) throws IOException {
        var inputs = new ArrayList<String>();
        var name = "";
        var operator = "";
        while (reader.next()) {
            switch (reader.field()) {
                case NODE_INPUT -> inputs.add(reader.text());
                case NODE_NAME -> name = reader.text();
                case NODE_OPERATOR -> operator = reader.text();
                default -> reader.skip();
            }
        }
        var module = MODULE.matcher(name);
        if (operator.equals("MatMul") && inputs.size() == 2 && module.matches()) {
            graph.moduleOfWeight.put(inputs.get(1), module.group(1).replace('/', '.'));
        }
    }

    private static void readTensor(ProtobufReader reader, Graph graph) throws IOException {
        var dims = new ArrayList<Long>();
        long type = 0;
        String name = null;
        float[] values = null;
        while (reader.next()) {
            switch (reader.field()) {
                case TENSOR_DIMS -> dims.add(reader.number());
                case TENSOR_TYPE -> type = reader.number();
                case TENSOR_NAME -> {
                    name = reader.text();
                    reader.at("tensor " + name);
                }
                case TENSOR_RAW_DATA -> {
                    if (type == FLOAT32) {
                        values = reader.floats();
                    } else {
                        reader.skip();
                    }
                }
                default -> reader.skip();
            }
        }
        if (type == FLOAT32) {
            graph.tensors.add(tensor(reader, name, dims, values));
        }
    }

    private static WeightTensor tensor(
            ProtobufReader reader, String name, List<Long> dims, float[] values)
            throws IOException {
        if (name == null || values == null) {
            throw reader.broken("a float32 tensor should have a name and its values in the file");
        }
        long size = 1;
        for (long dim : dims) {
            if (dim < 0 || (dim > 0 && size > Integer.MAX_VALUE / dim)) {
                throw reader.broken("its shape " + dims + " is not possible");
            }
            size *= dim;
        }
        if (size != values.length) {
            throw reader.broken(
                    "its shape "
                            + dims
                            + " needs "
                            + size
                            + " values, but it has "
                            + values.length);
        }
        return new WeightTensor(name, new Shape(dims), values);
    }

    private static MessageDigest sha256Digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return "ONNX weights of " + file;
    }
}
