package org.lowrank.kernel;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import io.github.spencerpark.jupyter.kernel.display.mime.MIMEType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A real kernel without its sockets, and what its cells have shown. */
final class TestKernel implements AutoCloseable {

    private final JavaKernel kernel;
    private final List<Output> outputs = new ArrayList<>();
    private int count;

    TestKernel() {
        this(Map.of());
    }

    TestKernel(Map<String, String> environment) {
        kernel = new JavaKernel(KernelSettings.of(environment));
    }

    JavaKernel kernel() {
        return kernel;
    }

    /** Runs the next cell; what the cells before have shown is forgotten. */
    DisplayData run(String code) throws Exception {
        forgetOutputs();
        count++;
        return kernel.run(
                code,
                count,
                output -> {
                    synchronized (outputs) {
                        outputs.add(output);
                    }
                });
    }

    void forgetOutputs() {
        synchronized (outputs) {
            outputs.clear();
        }
    }

    /** The text form of the cell's value; null if it has none. */
    String value(String code) throws Exception {
        return text(run(code));
    }

    ErrorReport failure(String code) {
        return ErrorReport.of(assertThrows(Exception.class, () -> run(code)));
    }

    /** The report as a reader sees it, without colours. */
    static String plain(ErrorReport report) {
        return String.join("\n", report.lines()).replaceAll("\u001b\\[\\d+m", "");
    }

    static String text(DisplayData data) {
        return data == null ? null : (String) data.getData(MIMEType.TEXT_PLAIN);
    }

    int count() {
        return count;
    }

    String out() {
        return printed(false);
    }

    String err() {
        return printed(true);
    }

    private String printed(boolean error) {
        synchronized (outputs) {
            return outputs.stream()
                    .filter(o -> o instanceof Output.Text text && text.error() == error)
                    .map(o -> ((Output.Text) o).text())
                    .collect(Collectors.joining());
        }
    }

    int messages() {
        synchronized (outputs) {
            return outputs.size();
        }
    }

    /** Displays and updates of the last cell. */
    List<Output> pictures() {
        synchronized (outputs) {
            return outputs.stream().filter(o -> !(o instanceof Output.Text)).toList();
        }
    }

    @Override
    public void close() {
        kernel.close();
    }
}
