package org.lowrank.data.source;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** A web server on the loopback address that sends one content, and errs as it is told. */
final class FileServer implements AutoCloseable {

    byte[] content = {};
    int status = 200;
    boolean knowsRanges = true;

    /** Sent as Content-Type, with a body whose length is not told, if it is not null. */
    String page;

    /** Closes the connection after so many bytes of an answer; -1 for never. */
    int breakAfter = -1;

    /** The Range header of each request, empty if it had none. */
    final List<String> ranges = new ArrayList<>();

    private final HttpServer server;

    FileServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    URI url(String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var range = exchange.getRequestHeaders().getFirst("Range");
            ranges.add(range == null ? "" : range);
            if (status != 200) {
                exchange.sendResponseHeaders(status, -1);
                return;
            }
            if (page != null) {
                exchange.getResponseHeaders().set("Content-Type", page);
                exchange.sendResponseHeaders(200, 0);
                exchange.getResponseBody().write("<html>Please log in</html>".getBytes());
                return;
            }
            var from = 0;
            if (range != null && knowsRanges) {
                from = Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
            }
            if (from >= content.length) {
                exchange.sendResponseHeaders(416, -1);
                return;
            }
            if (from > 0) {
                var header = "bytes " + from + "-" + (content.length - 1) + "/" + content.length;
                exchange.getResponseHeaders().set("Content-Range", header);
            }
            var length = content.length - from;
            exchange.sendResponseHeaders(from > 0 ? 206 : 200, length);
            var sent = breakAfter < 0 ? length : Math.min(breakAfter, length);
            exchange.getResponseBody().write(content, from, sent);
            exchange.getResponseBody().flush();
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
