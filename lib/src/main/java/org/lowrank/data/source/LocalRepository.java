package org.lowrank.data.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Maven repository of this machine. A jar that is not in it yet is fetched once, by the
 * machine's own {@code mvn}, so that its proxies, mirrors and credentials apply here too.
 *
 * @param root the folder of the repository
 * @param mvn the command that runs Maven, with options of its own if need be
 */
public record LocalRepository(Path root, List<String> mvn) {

    private static final Logger LOG = LoggerFactory.getLogger(LocalRepository.class);
    private static final String PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";
    private static final long MINUTES = 60;
    private static final int LINES_KEPT = 12;
    private static final Pattern ADVICE =
            Pattern.compile("^(\\[ERROR])?$|-[eX] switch|For more information|\\[Help \\d]");

    public LocalRepository {
        root = root.toAbsolutePath();
        mvn = List.copyOf(mvn);
    }

    /**
     * The repository that the system property {@code maven.repo.local} names, or else {@code
     * ~/.m2/repository}. With the environment variable {@code LOWRANK_OFFLINE=1} or the system
     * property {@code lowrank.offline=true} nothing is fetched.
     */
    public static LocalRepository ofThisMachine() {
        var named = System.getProperty("maven.repo.local");
        var root =
                named == null || named.isBlank()
                        ? Path.of(System.getProperty("user.home"), ".m2", "repository")
                        : Path.of(named);
        var windows = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("windows");
        var mvn = new ArrayList<String>(List.of(windows ? "mvn.cmd" : "mvn"));
        if ("1".equals(System.getenv("LOWRANK_OFFLINE")) || Boolean.getBoolean("lowrank.offline")) {
            mvn.add("--offline");
        }
        return new LocalRepository(root, mvn);
    }

    /** True if the jar is here already, so that {@link #resolve} needs no network. */
    public boolean contains(MavenArtifact artifact) {
        return Files.isRegularFile(root.resolve(artifact.pathInRepository()));
    }

    /**
     * The jar of an artifact, fetched first if it is not here.
     *
     * @throws ArtifactNotFoundException if it is neither here nor to be fetched; the message says
     *     what was tried and how to get it by hand
     * @throws IOException if the wait is interrupted
     */
    public Path resolve(MavenArtifact artifact) throws IOException {
        var jar = root.resolve(artifact.pathInRepository());
        if (!Files.isRegularFile(jar)) {
            LOG.info("Fetching {} into {}", artifact, root);
            fetch(artifact, jar);
        }
        return jar;
    }

    private void fetch(MavenArtifact artifact, Path jar) throws IOException {
        var command = new ArrayList<>(mvn);
        command.addAll(List.of("-B", "-q", "-Dstyle.color=never", PLUGIN + ":get"));
        command.addAll(List.of("-Dartifact=" + artifact, "-Dtransitive=false"));
        command.add("-Dmaven.repo.local=" + root);
        // A folder of its own: Maven would read a pom.xml and a .mvn of the current one.
        var folder = Files.createTempDirectory("lowrank-fetch");
        var output = folder.resolve("output.txt");
        var builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.redirectErrorStream(true).redirectOutput(output.toFile());
        try {
            var process = start(builder, artifact, jar);
            await(process, artifact);
            if (process.exitValue() != 0 || !Files.isRegularFile(jar)) {
                throw notFound(artifact, jar, command, whatItSaid(output), null);
            }
        } finally {
            Files.deleteIfExists(output);
            Files.deleteIfExists(folder);
        }
    }

    private static Process start(ProcessBuilder builder, MavenArtifact artifact, Path jar)
            throws IOException {
        try {
            var process = builder.start();
            process.getOutputStream().close();
            return process;
        } catch (IOException e) {
            var said = String.valueOf(e.getMessage());
            throw notFound(artifact, jar, builder.command(), said, e);
        }
    }

    private static void await(Process process, MavenArtifact artifact) throws IOException {
        try {
            if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
                throw new IOException(
                        "Maven did not finish fetching " + artifact + " in " + MINUTES + " min");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + artifact + " was being fetched", e);
        } finally {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
        }
    }

    /** The lines of Maven's output that say what went wrong, without its advice on options. */
    private static String whatItSaid(Path output) throws IOException {
        var lines =
                Files.readAllLines(output).stream()
                        .map(line -> line.replaceAll("\\u001B\\[[0-9;]*m", ""))
                        .map(line -> line.replace("-> [Help 1]", "").strip())
                        .filter(line -> !ADVICE.matcher(line).find())
                        .limit(LINES_KEPT)
                        .toList();
        return String.join("\n    ", lines);
    }

    private static ArtifactNotFoundException notFound(
            MavenArtifact artifact, Path jar, List<String> command, String said, Throwable cause) {
        return new ArtifactNotFoundException(
                """
                the artifact %s is not on this machine and could not be fetched.
                  Looked for: %s
                  Ran: %s
                  It said: %s
                  To get it by hand, on a machine with a network: mvn %s:get -Dartifact=%s \
                -Dtransitive=false
                  or put the jar at the place above. Another repository folder is named by \
                -Dmaven.repo.local=FOLDER."""
                        .formatted(
                                artifact, jar, String.join(" ", command), said, PLUGIN, artifact),
                cause);
    }
}
