package org.lowrank.kernel;

import io.github.spencerpark.jupyter.channels.JupyterInputStream;
import io.github.spencerpark.jupyter.channels.ShellHandler;
import io.github.spencerpark.jupyter.channels.ShellReplyEnvironment;
import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import io.github.spencerpark.jupyter.messages.ContentType;
import io.github.spencerpark.jupyter.messages.KernelTimestamp;
import io.github.spencerpark.jupyter.messages.Message;
import io.github.spencerpark.jupyter.messages.publish.PublishDisplayData;
import io.github.spencerpark.jupyter.messages.publish.PublishError;
import io.github.spencerpark.jupyter.messages.publish.PublishExecuteInput;
import io.github.spencerpark.jupyter.messages.publish.PublishExecuteResult;
import io.github.spencerpark.jupyter.messages.publish.PublishStream;
import io.github.spencerpark.jupyter.messages.publish.PublishStream.StreamType;
import io.github.spencerpark.jupyter.messages.publish.PublishUpdateDisplayData;
import io.github.spencerpark.jupyter.messages.reply.ErrorReply;
import io.github.spencerpark.jupyter.messages.reply.ExecuteReply;
import io.github.spencerpark.jupyter.messages.request.ExecuteRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Answers execute requests.
 *
 * <p>The base library's own handler names a failed assertion {@code InvocationTargetException}, and
 * goes on with the cells that "Run All" has queued behind a failed one; this one does neither.
 */
final class ExecuteHandler implements ShellHandler<ExecuteRequest> {

    /**
     * Pauses between requests that wait in a queue are shorter; a client's wrong clock harms no
     * longer.
     */
    private static final Duration QUEUE_GAP = Duration.ofSeconds(5);

    private final JavaKernel kernel;
    private final AtomicInteger count;
    private Instant failed;
    private long ended;

    ExecuteHandler(JavaKernel kernel, AtomicInteger count) {
        this.kernel = kernel;
        this.count = count;
    }

    @Override
    public void handle(ShellReplyEnvironment env, Message<ExecuteRequest> message) {
        ExecuteRequest request = message.getContent();
        env.setBusyDeferIdle();
        kernel.getCommManager().setMessageContext(message);
        if (waitedBehindFailure(message.getHeader().getTimestamp())) {
            // without a count: the cell stays unnumbered
            replyError(env, new ErrorReply("Aborted", "an earlier cell failed", List.of()));
        } else {
            boolean succeeded = execute(env, request);
            failed = succeeded || !request.shouldStopOnError() ? null : Instant.now();
        }
        ended = System.nanoTime();
    }

    /** Whether a request was sent before the cell at the head of its queue failed. */
    private boolean waitedBehindFailure(KernelTimestamp sent) {
        if (failed == null || sent == null || System.nanoTime() - ended > QUEUE_GAP.toNanos()) {
            return false;
        }
        try {
            return OffsetDateTime.parse(sent.getDateString()).toInstant().isBefore(failed);
        } catch (DateTimeParseException e) {
            return false; // the client does not say when
        }
    }

    /** Returns whether the cell succeeded. */
    private boolean execute(ShellReplyEnvironment env, ExecuteRequest request) {
        int number = request.isSilent() ? count.get() : count.getAndIncrement();
        if (!request.isSilent()) {
            env.publish(new PublishExecuteInput(request.getCode(), number));
        }
        System.setIn(new JupyterInputStream(StandardCharsets.UTF_8, env, request.isStdinEnabled()));
        try {
            DisplayData value =
                    kernel.run(request.getCode(), number, output -> publish(env, output));
            if (value != null && !request.isSilent()) {
                env.publish(new PublishExecuteResult(number, value));
            }
            env.reply(new ExecuteReply(number, Map.of()));
            return true;
        } catch (Exception e) {
            ErrorReport report = ErrorReport.of(e);
            env.publish(new PublishError(report.name(), report.message(), report.lines()));
            ErrorReply reply = new ErrorReply(report.name(), report.message(), report.lines());
            reply.setExecutionCount(number);
            replyError(env, reply);
            return false;
        }
    }

    private static void replyError(ShellReplyEnvironment env, ErrorReply reply) {
        env.replyError(ExecuteReply.MESSAGE_TYPE.error(), reply);
    }

    private static void publish(ShellReplyEnvironment env, Output output) {
        if (output instanceof Output.Text text) {
            send(
                    env,
                    new PublishStream(text.error() ? StreamType.ERR : StreamType.OUT, text.text()));
        } else if (output instanceof Output.Display display) {
            send(env, new PublishDisplayData(display.data()));
        } else if (output instanceof Output.Update update) {
            send(env, new PublishUpdateDisplayData(update.data()));
        }
    }

    /** Past the environment's own queue of replies, which belongs to another thread. */
    private static <T extends ContentType<T>> void send(ShellReplyEnvironment env, T content) {
        env.getIopub().sendMessage(new Message<>(env.getContext(), content.getType(), content));
    }
}
