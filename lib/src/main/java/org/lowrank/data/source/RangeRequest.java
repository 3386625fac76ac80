package org.lowrank.data.source;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;

/**
 * One request for what is still missing of a file, and what the answer means.
 *
 * @param from the number of bytes that are here already
 */
record RangeRequest(RemoteFile file, long from) {

    private static final HttpClient CLIENT =
            HttpClient.newBuilder()
                    .followRedirects(HttpClient.Redirect.NORMAL)
                    .connectTimeout(Duration.ofSeconds(30))
                    .build();

    /** For the head of an answer; its body may take as long as it comes. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final int OK = 200;
    private static final int PARTIAL = 206;
    private static final int NOT_FOUND = 404;
    private static final int GONE = 410;
    private static final int NOT_SATISFIABLE = 416;

    /**
     * The body of an answer.
     *
     * @param start where it belongs in the file
     * @param total the size of the whole file, or -1 if unknown
     */
    record Answer(InputStream body, long start, long total) {}

    /** The server no longer has what was begun: the part that is here is of no use. */
    static final class CannotContinue extends IOException {
        private static final long serialVersionUID = 1L;
    }

    Answer send() throws IOException {
        var request =
                HttpRequest.newBuilder(file.url())
                        .header("User-Agent", "lowrank")
                        .timeout(PATIENCE);
        if (from > 0) {
            request.header("Range", "bytes=" + from + "-");
        }
        var response = send(request.build());
        try {
            var start = startOf(response);
            requireFile(response);
            return new Answer(response.body(), start, totalOf(response, start));
        } catch (IOException e) {
            response.body().close();
            throw e;
        }
    }

    private HttpResponse<InputStream> send(HttpRequest request) throws IOException {
        try {
            return CLIENT.send(request, HttpResponse.BodyHandlers.ofInputStream());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DownloadException("interrupted while asking for " + file.url(), e);
        } catch (IOException e) {
            var said = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw new DownloadException(
                    ("cannot reach %s for %s (%s). Is there a network? A proxy is named by"
                                    + " -Dhttps.proxyHost and -Dhttps.proxyPort")
                            .formatted(file.url().getHost(), file.url(), said),
                    e);
        }
    }

    private long startOf(HttpResponse<InputStream> response) throws IOException {
        var range = response.headers().firstValue("Content-Range").orElse("");
        var status = response.statusCode();
        if (status == OK) {
            return 0;
        } else if (status == PARTIAL && range.startsWith("bytes " + from + "-")) {
            return from;
        } else if (status == PARTIAL || status == NOT_SATISFIABLE) {
            throw new CannotContinue();
        }
        throw new DownloadException(
                "HTTP "
                        + status
                        + " for "
                        + file.url()
                        + (status == NOT_FOUND || status == GONE
                                ? ": it is not there any more"
                                : ""));
    }

    /**
     * No set is a web page; a log-in page or a portal answers 200, too, and need not say its size.
     */
    private void requireFile(HttpResponse<InputStream> response) throws DownloadException {
        var type = response.headers().firstValue("Content-Type").orElse("");
        if (type.toLowerCase(Locale.ROOT).startsWith("text/html")) {
            throw new DownloadException(
                    file.url()
                            + " answered with a web page ("
                            + type
                            + ") instead of the file: is there a portal or a log-in before the"
                            + " network? What came before of the file is kept");
        }
    }

    private long totalOf(HttpResponse<InputStream> response, long start) throws DownloadException {
        var length = response.headers().firstValueAsLong("Content-Length");
        var total = length.isPresent() ? start + length.getAsLong() : -1;
        if (total >= 0 && file.bytes() != null && total != file.bytes()) {
            throw new DownloadException(
                    ("%s has %s bytes, expected %s: it is another version, or not the file but"
                                    + " a page about it")
                            .formatted(file.url(), total, file.bytes()));
        }
        return file.bytes() != null ? file.bytes() : total;
    }
}
