package org.lowrank.kernel;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Map;
import jdk.jshell.execution.DirectExecutionControl;
import jdk.jshell.spi.ExecutionControl;
import jdk.jshell.spi.ExecutionControlProvider;
import jdk.jshell.spi.ExecutionEnv;

/**
 * JShell's way to run a snippet, in this JVM; keeps the value and the exception as objects, not as
 * text.
 */
final class StatementControl extends DirectExecutionControl {

    private final CellThread cellThread;
    private volatile Execution execution = new Execution(output -> {});
    private Object value;
    private Throwable thrown;

    private StatementControl(Duration statementTimeout) {
        // the constructor above made JShell's class loader this thread's context class loader
        cellThread =
                new CellThread(Thread.currentThread().getContextClassLoader(), statementTimeout);
    }

    /** Makes the one control of a shell and keeps it. */
    static final class Provider implements ExecutionControlProvider {
        private final Duration statementTimeout;
        private StatementControl control;

        Provider(Duration statementTimeout) {
            this.statementTimeout = statementTimeout;
        }

        @Override
        public String name() {
            return "lowrank-kernel";
        }

        @Override
        public ExecutionControl generate(ExecutionEnv env, Map<String, String> parameters) {
            control = new StatementControl(statementTimeout);
            return control;
        }

        StatementControl control() {
            return control;
        }
    }

    void begin(Execution next) {
        execution = next;
    }

    Execution execution() {
        return execution;
    }

    CellThread cellThread() {
        return cellThread;
    }

    /** Forgets the statement before. */
    void clear() {
        value = null;
        thrown = null;
    }

    /** What the last statement returned, or null. */
    Object value() {
        return value;
    }

    /** What the last statement threw, or null. */
    Throwable thrown() {
        return thrown;
    }

    @Override
    protected String invoke(Method statement) throws Exception {
        clear();
        try {
            value = cellThread.run(execution, () -> statement.invoke(null));
        } catch (InvocationTargetException e) {
            thrown = e.getCause();
            throw e;
        }
        return ""; // JShell's text of the value; null would be an error
    }

    @Override
    public void stop() {
        execution.requestStop();
    }

    @Override
    public void close() {
        cellThread.close();
    }
}
