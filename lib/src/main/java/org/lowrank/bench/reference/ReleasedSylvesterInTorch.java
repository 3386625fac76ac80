package org.lowrank.bench.reference;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.ejml.data.DMatrixRMaj;

/**
 * The same as {@link ReleasedSylvester}, by PyTorch's own operators and so by its LAPACK: {@code
 * linalg_eig} of both coefficients, {@code linalg_solve} and {@code linalg_inv} of the
 * eigenvectors. It runs as a TorchScript program, which repeats the solve inside so that the way
 * from Java does not count. Only to be measured against.
 */
public final class ReleasedSylvesterInTorch implements AutoCloseable {

    private static final String PROGRAM =
            """
            class Solve(Module):
              __parameters__ = []
              __buffers__ = []
              training : bool
              def forward(self: __torch__.Solve,
                a: Tensor,
                b: Tensor,
                c: Tensor,
                repeats: Tensor) -> Tensor:
                x = c
                for _0 in range(int(repeats)):
                  la, u = torch.linalg_eig(a)
                  lb, v = torch.linalg_eig(b)
                  right = torch.matmul(torch.complex(c, torch.zeros_like(c)), v)
                  f = torch.linalg_solve(u, right)
                  w = torch.add(torch.unsqueeze(la, -1), torch.unsqueeze(lb, -2))
                  y = torch.matmul(torch.matmul(u, torch.div(f, w)), torch.linalg_inv(v))
                  x = torch.real(y)
                return torch.clone(x)
            """;

    /** A pickled object of class __torch__.Solve with the attribute training = False. */
    private static final byte[] OBJECT =
            "\u0080\u0002c__torch__\nSolve\nq\0)\u0081}(X\u0008\0\0\0trainingq\u0001\u0089ub."
                    .getBytes(StandardCharsets.ISO_8859_1);

    private static final byte[] EMPTY_TUPLE = {(byte) 0x80, 2, ')', '.'};

    private final Model model;
    private final NDManager manager;
    private final ParameterStore parameters;

    public ReleasedSylvesterInTorch() {
        model = Model.newInstance("solve", "PyTorch");
        try {
            model.load(new ByteArrayInputStream(archive()));
        } catch (IOException | MalformedModelException e) {
            throw new IllegalStateException("PyTorch does not read the program of this class", e);
        }
        manager = Engine.getEngine("PyTorch").newBaseManager();
        parameters = new ParameterStore(manager, false);
    }

    private static byte[] archive() {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            store(zip, "solve/data.pkl", OBJECT);
            store(zip, "solve/constants.pkl", EMPTY_TUPLE);
            store(zip, "solve/version", "6\n".getBytes(StandardCharsets.US_ASCII));
            store(zip, "solve/code/__torch__.py", PROGRAM.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
        var entry = new ZipEntry(name);
        var crc = new CRC32();
        crc.update(content);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }

    /** X, solved for as many times as it says. */
    public DMatrixRMaj solve(DMatrixRMaj a, DMatrixRMaj b, DMatrixRMaj c, int repeats) {
        try (var scratch = manager.newSubManager()) {
            var inputs =
                    new NDList(
                            array(scratch, a),
                            array(scratch, b),
                            array(scratch, c),
                            scratch.create((long) repeats));
            var x = model.getBlock().forward(parameters, inputs, false).singletonOrThrow();
            x.attach(scratch);
            return new DMatrixRMaj(c.numRows, c.numCols, true, x.toDoubleArray());
        }
    }

    private static NDArray array(NDManager manager, DMatrixRMaj matrix) {
        return manager.create(matrix.data, new Shape(matrix.numRows, matrix.numCols));
    }

    @Override
    public void close() {
        model.close();
        manager.close();
    }
}
