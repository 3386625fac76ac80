package org.lowrank.kernel;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.spencerpark.jupyter.kernel.BaseKernel;
import java.io.File;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.zeromq.SocketType;
import org.zeromq.ZMQ;

/** A kernel as Jupyter starts it, in a process and on sockets of its own, and a client of it. */
final class KernelProcess implements AutoCloseable {

    private static final String DELIMITER = "<IDS|MSG>";
    private static final int PATIENCE_MILLIS = 60_000;

    private final ZMQ.Context context = ZMQ.context(1);
    private final List<ZMQ.Socket> sockets = new ArrayList<>();
    private final Path terminal;
    private final Process process;
    private final ZMQ.Socket shell;
    private final ZMQ.Socket control;
    private final ZMQ.Socket stdin;
    private final ZMQ.Socket iopub;

    KernelProcess(Path folder, Map<String, String> environment) throws IOException {
        int[] ports = freePorts();
        Map<String, Object> connection =
                Map.of(
                        "ip",
                        "127.0.0.1",
                        "transport",
                        "tcp",
                        "key",
                        "",
                        "signature_scheme",
                        "hmac-sha256",
                        "shell_port",
                        ports[0],
                        "control_port",
                        ports[1],
                        "stdin_port",
                        ports[2],
                        "iopub_port",
                        ports[3],
                        "hb_port",
                        ports[4]);
        Path file =
                Files.writeString(folder.resolve("connection.json"), new Gson().toJson(connection));
        terminal = folder.resolve("terminal.txt");
        ProcessBuilder builder =
                new ProcessBuilder(
                        "java",
                        "-XX:TieredStopAtLevel=1",
                        "-Duser.language=de", // a machine whose numbers have a comma
                        "-Duser.country=DE",
                        "-cp",
                        classPath(),
                        "org.lowrank.kernel.Main",
                        file.toString());
        builder.environment().putAll(environment);
        process = builder.redirectErrorStream(true).redirectOutput(terminal.toFile()).start();
        awaitOpen(ports[3]); // the last that the kernel opens
        String client = UUID.randomUUID().toString();
        shell = connect(SocketType.DEALER, ports[0], client);
        control = connect(SocketType.DEALER, ports[1], client);
        stdin = connect(SocketType.DEALER, ports[2], client);
        iopub = connect(SocketType.SUB, ports[3], client);
        iopub.subscribe("");
    }

    /** The kernel and what it needs, without the libraries that other tests show values of. */
    private static String classPath() {
        return Stream.of(Main.class, BaseKernel.class, Gson.class, ZMQ.class)
                .map(
                        c ->
                                new File(
                                                c.getProtectionDomain()
                                                        .getCodeSource()
                                                        .getLocation()
                                                        .getPath())
                                        .getPath())
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static int[] freePorts() throws IOException {
        ServerSocket[] held = new ServerSocket[5];
        int[] ports = new int[held.length];
        for (int i = 0; i < held.length; i++) {
            held[i] = new ServerSocket(0);
            ports[i] = held[i].getLocalPort();
        }
        for (ServerSocket socket : held) {
            socket.close();
        }
        return ports;
    }

    private void awaitOpen(int port) throws IOException {
        for (long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
                System.nanoTime() < end; ) {
            try {
                new Socket("127.0.0.1", port).close();
                return;
            } catch (ConnectException e) {
                LockSupport.parkNanos(50_000_000);
            }
        }
        throw new IOException("the kernel does not listen; it wrote: " + terminal());
    }

    private ZMQ.Socket connect(SocketType type, int port, String identity) {
        ZMQ.Socket socket = context.socket(type);
        socket.setIdentity(identity.getBytes(StandardCharsets.US_ASCII));
        socket.setReceiveTimeOut(PATIENCE_MILLIS);
        socket.setLinger(0);
        socket.connect("tcp://127.0.0.1:" + port);
        sockets.add(socket);
        return socket;
    }

    record Message(String type, String parent, JsonObject content) {}

    private static String send(ZMQ.Socket socket, String type, Object content) {
        String id = UUID.randomUUID().toString();
        JsonObject header = new JsonObject();
        header.addProperty("msg_id", id);
        header.addProperty("session", "test");
        header.addProperty("username", "test");
        header.addProperty("date", Instant.now().toString());
        header.addProperty("msg_type", type);
        header.addProperty("version", "5.3");
        for (String frame : List.of(DELIMITER, "", header.toString(), "{}", "{}")) {
            socket.sendMore(frame);
        }
        socket.send(new Gson().toJson(content));
        return id;
    }

    private static Message receive(ZMQ.Socket socket) {
        String frame;
        do {
            frame = socket.recvStr();
            if (frame == null) {
                throw new IllegalStateException(
                        "the kernel sent nothing in " + PATIENCE_MILLIS + " ms");
            }
        } while (!frame.equals(DELIMITER));
        socket.recvStr(); // signature
        JsonObject header = JsonParser.parseString(socket.recvStr()).getAsJsonObject();
        JsonObject parent = JsonParser.parseString(socket.recvStr()).getAsJsonObject();
        socket.recvStr(); // metadata
        JsonObject content = JsonParser.parseString(socket.recvStr()).getAsJsonObject();
        return new Message(
                header.get("msg_type").getAsString(),
                parent.has("msg_id") ? parent.get("msg_id").getAsString() : "",
                content);
    }

    /** Returns when the kernel answers and its outputs arrive here. */
    void awaitReady() {
        iopub.setReceiveTimeOut(200);
        boolean heard = false;
        for (int tries = 0; !heard && tries < 100; tries++) {
            send(shell, "kernel_info_request", Map.of());
            receive(shell);
            try {
                receive(iopub);
                heard = true;
            } catch (IllegalStateException e) {
                continue; // the subscription has not arrived there yet
            }
        }
        iopub.setReceiveTimeOut(PATIENCE_MILLIS);
    }

    String execute(String code) {
        return send(
                shell,
                "execute_request",
                Map.of(
                        "code",
                        code,
                        "silent",
                        false,
                        "store_history",
                        true,
                        "user_expressions",
                        Map.of(),
                        "allow_stdin",
                        true,
                        "stop_on_error",
                        true));
    }

    Message reply() {
        return receive(shell);
    }

    /** What a request has published until the kernel was idle again. */
    List<Message> published(String request) {
        List<Message> messages = new ArrayList<>();
        while (true) {
            Message message = receive(iopub);
            if (message.parent().equals(request)) {
                messages.add(message);
                if (message.type().equals("status")
                        && message.content().get("execution_state").getAsString().equals("idle")) {
                    return messages;
                }
            }
        }
    }

    /** Waits until a request has published a message of a type. */
    Message awaitPublished(String request, String type) {
        while (true) {
            Message message = receive(iopub);
            if (message.parent().equals(request) && message.type().equals(type)) {
                return message;
            }
        }
    }

    void interrupt() {
        send(control, "interrupt_request", Map.of());
        receive(control);
    }

    void shutDown() {
        send(control, "shutdown_request", Map.of("restart", false));
    }

    Message inputRequest() {
        return receive(stdin);
    }

    void input(String value) {
        send(stdin, "input_reply", Map.of("value", value));
    }

    Process process() {
        return process;
    }

    /** What the process has written to its own standard streams. */
    String terminal() throws IOException {
        return Files.readString(terminal);
    }

    @Override
    public void close() {
        process.destroyForcibly();
        sockets.forEach(ZMQ.Socket::close);
        context.close();
    }
}
