package org.lowrank.engine;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.ParameterStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * PyTorch's own decompositions, which DJL's arrays do not offer. Each is a TorchScript module of
 * one line, put together here as the archive that {@code torch.jit.save} would write: a zip without
 * compression that holds the code, a pickled object of its class, and no weights.
 */
public enum TorchLinalg {
    /** (n, n) symmetric to eigenvalues (n), ascending, and eigenvectors (n, n) in columns. */
    EIGH("Tuple[Tensor, Tensor]", "torch.linalg_eigh(x)"),
    /** (m, n), m >= n, to Q (m, n) with orthonormal columns and R (n, n). */
    QR("Tuple[Tensor, Tensor]", "torch.linalg_qr(x)");

    private static final String CLASS = "Linalg";

    private final String result;
    private final String call;
    private Model model;

    TorchLinalg(String result, String call) {
        this.result = result;
        this.call = call;
    }

    /** The two results, attached to the manager of {@code matrix}. */
    public NDList apply(NDArray matrix) {
        var manager = matrix.getManager();
        var results =
                model().getBlock()
                        .forward(new ParameterStore(manager, false), new NDList(matrix), false);
        results.attach(manager);
        return results;
    }

    /** Loaded once: it holds no array. */
    private synchronized Model model() {
        if (model == null) {
            try {
                model = Model.newInstance("linalg", "PyTorch");
                model.load(new ByteArrayInputStream(archive()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (MalformedModelException e) {
                throw new IllegalStateException(
                        "this version of PyTorch does not read the archive for " + call, e);
            }
        }
        return model;
    }

    private byte[] archive() throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            store(zip, "linalg/data.pkl", pickledObject());
            store(zip, "linalg/code/__torch__.py", code().getBytes(StandardCharsets.UTF_8));
            store(zip, "linalg/constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'}); // ()
            store(zip, "linalg/version", "3\n".getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private String code() {
        return """
        class %s(Module):
          __parameters__ = []
          __buffers__ = []
          training : bool
          def forward(self: __torch__.%s,
            x: Tensor) -> %s:
            first, second = %s
            return (first, second)
        """
                .formatted(CLASS, CLASS, result, call);
    }

    /** An instance of the class whose one attribute, {@code training}, is false; protocol 2. */
    private static byte[] pickledObject() {
        var pickle = new ByteArrayOutputStream();
        pickle.writeBytes(new byte[] {(byte) 0x80, 2});
        pickle.writeBytes(("c__torch__\n" + CLASS + "\n").getBytes(StandardCharsets.US_ASCII));
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
}
