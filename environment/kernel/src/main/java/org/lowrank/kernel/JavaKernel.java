package org.lowrank.kernel;

import io.github.spencerpark.jupyter.channels.JupyterConnection;
import io.github.spencerpark.jupyter.kernel.BaseKernel;
import io.github.spencerpark.jupyter.kernel.LanguageInfo;
import io.github.spencerpark.jupyter.kernel.ReplacementOptions;
import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import io.github.spencerpark.jupyter.kernel.magic.common.Load;
import io.github.spencerpark.jupyter.kernel.magic.registry.Magics;
import io.github.spencerpark.jupyter.kernel.util.GlobFinder;
import io.github.spencerpark.jupyter.messages.MessageType;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/** The kernel as Jupyter sees it: runs cells, shows what they show, completes and explains code. */
public final class JavaKernel extends BaseKernel implements AutoCloseable {

    private volatile Runnable beforeShutdown = () -> {};

    private static final String FIRST_IMPORTS =
            """
            import java.util.*; import java.io.*; import java.math.*; import java.net.*; import java.util.concurrent.*;
            import java.util.prefs.*; import java.util.regex.*; import static org.lowrank.kernel.Notebook.*;
            """;

    private static final String INDENT = "    ";

    private static JavaKernel running;

    private final PrintStream terminalOut = System.out;
    private final PrintStream terminalErr = System.err;
    private final CellEvaluator evaluator;
    private final KernelMagics magics = new KernelMagics();
    private final SourceDocs docs = new SourceDocs();
    private final ValueRenderer values = new ValueRenderer(renderer);
    private final OutputQueue outputs = new OutputQueue();
    private final CodeAssist assist;
    private volatile Execution execution = new Execution(this::toTerminal);
    private String lastDisplayId;
    private volatile String cellName = "start-up";

    /**
     * Starts the Java side; {@link #becomeHandlerForConnection} starts the Jupyter side.
     *
     * @throws IllegalStateException if a start-up script or the class path of the settings cannot
     *     be used
     */
    JavaKernel(KernelSettings settings) {
        super(StandardCharsets.UTF_8);
        running = this;
        evaluator = new CellEvaluator(settings);
        assist = new CodeAssist(evaluator.analysis(), docs, magics);
        ClasspathMagics classpath = new ClasspathMagics(this::addToClasspath);
        classpath.registerIn(magics);
        Load load =
                new Load(
                        List.of("", ".jsh", ".jshell", ".java", ".ipynb"),
                        code -> evaluate("loaded code", code));
        magics.registerLineMagic(
                "load",
                arguments -> {
                    load.load(arguments);
                    return null;
                });
        TimeMagic time = new TimeMagic(this);
        magics.registerLineMagic("time", time);
        magics.registerCellMagic("time", time);
        System.setOut(CellStream.to(text -> publish(new Output.Text(false, text))));
        System.setErr(CellStream.to(text -> publish(new Output.Text(true, text))));
        startUp(settings, classpath);
    }

    private void addToClasspath(String entry) {
        evaluator.addToClasspath(entry);
        docs.lookBeside(entry);
    }

    /** Makes the first completion as fast as the others, beside whatever the kernel does. */
    void warmUpAssistance() {
        assist.warmUpBeside();
    }

    private void startUp(KernelSettings settings, ClasspathMagics classpath) {
        String step = "IJAVA_CLASSPATH";
        try {
            classpath.addGlobs(settings.classpath());
            evaluate("start-up", FIRST_IMPORTS);
            step = "IJAVA_STARTUP_SCRIPTS_PATH";
            for (String glob : settings.startupScripts()) {
                for (Path script : new GlobFinder(glob).computeMatchingFiles()) {
                    evaluate(script.toString(), Files.readString(script));
                }
            }
            step = "IJAVA_STARTUP_SCRIPT";
            evaluate(step, settings.startupScript());
        } catch (Exception e) {
            throw new IllegalStateException(
                    step + ": " + String.join("\n", ErrorReport.of(e).lines()), e);
        }
    }

    static JavaKernel running() {
        return running;
    }

    Magics magics() {
        return magics;
    }

    /**
     * Runs a cell. All that it shows has been published when this returns.
     *
     * @param count what stands in the brackets of {@code In [ ]}
     * @return the picture of its last expression, or null
     * @throws Exception what {@link ErrorReport} knows how to show
     */
    DisplayData run(String code, int count, Output.Sink sink) throws Exception {
        synchronized (assist) { // JShell does one thing at a time
            return runAlone(code, count, sink);
        }
    }

    private DisplayData runAlone(String code, int count, Output.Sink sink) throws Exception {
        Execution own = new Execution(sink);
        execution = own;
        evaluator.begin(own);
        lastDisplayId = null;
        try {
            cellName = "In [" + count + "]";
            CellEvaluator.Value value = evaluate(cellName, code);
            boolean shown =
                    value.object() == lastDisplayId || value.object() instanceof PrintStream;
            return value.object() == null || shown && !value.named()
                    ? null
                    : renderOnCellThread(own, value.object());
        } finally {
            System.out.flush();
            System.err.flush();
            outputs.drain();
        }
    }

    /** Evaluates a part of the running cell; its lines are counted as the cell's. */
    CellEvaluator.Value evaluateHere(String code)
            throws CompileError, InterruptedException, UserException {
        return evaluate(cellName, code);
    }

    CellEvaluator.Value evaluate(String name, String code)
            throws CompileError, InterruptedException, UserException {
        return evaluator.evaluate(CellSource.of(name, code), note -> System.err.println(note));
    }

    private DisplayData renderOnCellThread(Execution own, Object value) throws Exception {
        try {
            return (DisplayData) evaluator.cellThread().run(own, () -> render(value));
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    DisplayData render(Object value) {
        return values.render(value);
    }

    DisplayData render(Object value, String... types) {
        return values.renderAs(value, types);
    }

    String show(DisplayData data) {
        if (!data.hasDisplayId()) {
            data.setDisplayId(UUID.randomUUID().toString());
        }
        display(data);
        lastDisplayId = data.getDisplayId();
        return lastDisplayId;
    }

    void update(String id, DisplayData data) {
        data.setDisplayId(id);
        publish(new Output.Update(new DisplayData(data)));
    }

    @Override
    public void display(DisplayData data) {
        publish(new Output.Display(new DisplayData(data)));
    }

    private void publish(Output output) {
        Execution.ensureAttached();
        outputs.add(execution.sink(), output);
    }

    private void toTerminal(Output output) {
        if (output instanceof Output.Text text) {
            PrintStream terminal = text.error() ? terminalErr : terminalOut;
            terminal.print(text.text());
            terminal.flush();
        }
    }

    @Override
    public DisplayData eval(String code) throws Exception {
        return run(code, executionCount.get(), execution.sink());
    }

    @Override
    public void becomeHandlerForConnection(JupyterConnection connection) {
        super.becomeHandlerForConnection(connection);
        connection.setHandler(
                MessageType.EXECUTE_REQUEST, new ExecuteHandler(this, executionCount));
    }

    @Override
    public void interrupt() {
        evaluator.interrupt();
    }

    @Override
    public ReplacementOptions complete(String code, int at) {
        return assist.complete(code, at);
    }

    @Override
    public DisplayData inspect(String code, int at, boolean extraDetail) {
        return assist.inspect(code, at, extraDetail);
    }

    @Override
    public String isComplete(String code) {
        return switch (assist.completeness(code)) {
            case EMPTY, COMPLETE, COMPLETE_WITH_SEMI -> IS_COMPLETE_YES;
            case UNKNOWN -> IS_COMPLETE_BAD;
            default ->
                    INDENT; // any other text means: incomplete, and start the next line with this
        };
    }

    @Override
    public LanguageInfo getLanguageInfo() {
        return new LanguageInfo.Builder("Java")
                .version(String.valueOf(Runtime.version().feature()))
                .mimetype("text/x-java-source")
                .fileExtension(".jshell")
                .pygments("java")
                .codemirror("text/x-java")
                .build();
    }

    /** What the help menu links to. */
    @Override
    public List<LanguageInfo.Help> getHelpLinks() {
        int feature = Runtime.version().feature();
        return List.of(
                new LanguageInfo.Help(
                        "Java " + feature + " API",
                        "https://docs.oracle.com/en/java/javase/" + feature + "/docs/api/"),
                new LanguageInfo.Help("Tablesaw", "https://jtablesaw.github.io/tablesaw/"),
                new LanguageInfo.Help("DJL", "https://docs.djl.ai/"));
    }

    @Override
    public String getBanner() {
        return "Java " + Runtime.version() + ", an IJava-compatible kernel";
    }

    @Override
    public void onShutdown(boolean restarting) {
        beforeShutdown.run();
        close();
    }

    /** Interrupts what cells run, and waits for its end for so long at most. */
    void stopCells(Duration patience) {
        evaluator.cellThread().stop(patience);
    }

    /** What is done first when a client asks the kernel to end. */
    void beforeShutdown(Runnable action) {
        beforeShutdown = action;
    }

    /** Ends the shell and gives the terminal its streams back. */
    @Override
    public void close() {
        evaluator.close();
        outputs.drain();
        outputs.close();
        System.setOut(terminalOut);
        System.setErr(terminalErr);
    }
}
