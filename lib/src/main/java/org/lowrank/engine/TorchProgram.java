package org.lowrank.engine;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A TorchScript program given by its text: the way to PyTorch's operators that the engine's arrays
 * do not offer. It is put together as the archive that {@code torch.jit.save} would write, a zip
 * without compression that holds the code, a pickled object of its class, and no weights.
 *
 * <p>The text is one or several methods as such an archive has them, {@code def name(self, x:
 * Tensor, n: int) -> Tensor:} with an indented body. It is compiled when it is loaded; threads may
 * share a program.
 */
public final class TorchProgram implements AutoCloseable {

    private static final String TYPE = "Program";

    private final Model model;
    private final Map<String, NDArray> choices = new ConcurrentHashMap<>();

    private TorchProgram(Model model) {
        this.model = model;
    }

    /**
     * @throws IllegalArgumentException if PyTorch does not understand the text; the message is
     *     PyTorch's
     */
    public static TorchProgram of(String methods) {
        var model = Model.newInstance("program", "PyTorch");
        try {
            model.load(new ByteArrayInputStream(archive(methods)));
            return new TorchProgram(model);
        } catch (IOException e) {
            model.close();
            throw new UncheckedIOException(e);
        } catch (MalformedModelException | RuntimeException e) {
            model.close();
            throw new IllegalArgumentException(
                    "PyTorch does not read this program: " + e.getMessage() + "\n" + methods, e);
        }
    }

    /**
     * Runs a method outside every graph. The result is an array of inference mode: {@code
     * duplicate()} what is to become a leaf.
     *
     * @param owner of the results
     * @param arguments arrays, lists of arrays, whole numbers, decimals, truth values, texts, or
     *     arrays of {@code long} or {@code double}
     * @return one array, or those of a tuple or a list
     */
    public NDList run(NDManager owner, String method, Object... arguments) {
        var values = new IValue[arguments.length];
        try {
            for (int i = 0; i < values.length; i++) {
                values[i] = value(arguments[i]);
            }
            try (var result =
                    IValueUtils.runMethod((PtSymbolBlock) model.getBlock(), method, values)) {
                return result.toNDList((PtNDManager) owner);
            }
        } finally {
            Arrays.stream(values).filter(value -> value != null).forEach(IValue::close);
        }
    }

    /**
     * Runs a method as a part of the graph that is being recorded; its arguments are arrays alone.
     * What PyTorch keeps for the backward pass is native and its own.
     *
     * @return the results, attached to the manager of the first argument
     */
    public NDList recorded(String method, NDArray... arguments) {
        var inputs = new NDList(arguments);
        inputs.add(choices.computeIfAbsent(method, this::choice));
        return IValueUtils.forward((PtSymbolBlock) model.getBlock(), inputs, true);
    }

    /** The engine takes the method from the name of an array that is no argument itself. */
    private NDArray choice(String method) {
        var choice = model.getNDManager().zeros(new Shape());
        choice.setName("module_method:" + method);
        return choice;
    }

    private static IValue value(Object argument) {
        if (argument instanceof PtNDArray array) {
            return IValue.from(array);
        } else if (argument instanceof List<?> list) {
            return IValue.listFrom(list.toArray(PtNDArray[]::new));
        } else if (argument instanceof Long || argument instanceof Integer) {
            return IValue.from(((Number) argument).longValue());
        } else if (argument instanceof Double || argument instanceof Float) {
            return IValue.from(((Number) argument).doubleValue());
        } else if (argument instanceof Boolean truth) {
            return IValue.from(truth);
        } else if (argument instanceof String text) {
            return IValue.from(text);
        } else if (argument instanceof long[] numbers) {
            return IValue.listFrom(numbers);
        } else if (argument instanceof double[] numbers) {
            return IValue.listFrom(numbers);
        }
        throw new IllegalArgumentException(
                "a program takes no " + (argument == null ? "null" : argument.getClass()));
    }

    private static byte[] archive(String methods) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            store(zip, "program/data.pkl", pickledObject());
            store(zip, "program/code/__torch__.py", code(methods).getBytes(StandardCharsets.UTF_8));
            store(zip, "program/constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'}); // ()
            store(zip, "program/version", "10\n".getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private static String code(String methods) {
        var typed = methods.replaceAll("(?m)^(def \\w+\\(self)\\b", "$1: __torch__." + TYPE);
        return """
        class %s(Module):
          __parameters__ = []
          __buffers__ = []
          training : bool
        %s"""
                .formatted(TYPE, typed.indent(2));
    }

    /** An instance of the class whose one attribute, {@code training}, is false; protocol 2. */
    private static byte[] pickledObject() {
        var pickle = new ByteArrayOutputStream();
        pickle.writeBytes(new byte[] {(byte) 0x80, 2});
        pickle.writeBytes(("c__torch__\n" + TYPE + "\n").getBytes(StandardCharsets.US_ASCII));
        pickle.writeBytes(new byte[] {')', (byte) 0x81, '}', '(', 'X', 8, 0, 0, 0});
        pickle.writeBytes("training".getBytes(StandardCharsets.US_ASCII));
        pickle.writeBytes(new byte[] {(byte) 0x89, 'u', 'b', '.'});
        return pickle.toByteArray();
    }

    private static void store(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
        var checksum = new CRC32();
        checksum.update(bytes);
        var entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCrc(checksum.getValue());
        zip.putNextEntry(entry);
        zip.write(bytes);
        zip.closeEntry();
    }

    @Override
    public void close() {
        model.close();
    }
}
