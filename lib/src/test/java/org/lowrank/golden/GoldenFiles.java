package org.lowrank.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** Files of numbers to match: those of the test resources, and those of a shared folder. */
public final class GoldenFiles {

    private GoldenFiles() {}

    /** A file that ships with the tests. */
    public static JsonNode resource(String name) {
        try (var in = GoldenFiles.class.getResourceAsStream("/golden/" + name)) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A file of the shared folder: {@code golden/NAME} below the system property {@code
     * lowrank.shared}, beside the folder of LOWRANK_DATA, or in {@code shared} beside the
     * repository. Empty where there is none.
     */
    public static Optional<JsonNode> shared(String name) {
        return folders()
                .map(folder -> folder.resolve("golden").resolve(name))
                .filter(Files::isRegularFile)
                .findFirst()
                .map(GoldenFiles::read);
    }

    /**
     * A file or folder below the shared folder, for example {@code data/math}; the test is skipped,
     * by name, where there is none.
     */
    public static Path path(String name) {
        return folders()
                .map(folder -> folder.resolve(name))
                .filter(Files::exists)
                .findFirst()
                .orElseGet(() -> Assumptions.abort("skipped: the shared folder has no " + name));
    }

    /**
     * The golden folder of the system property {@code lowrank.golden.NAME}, else {@code
     * golden/NAME} of the shared folder.
     */
    public static Path golden(String name) {
        var given = System.getProperty("lowrank.golden." + name);
        return given == null ? path("golden/" + name) : Path.of(given);
    }

    private static Stream<Path> folders() {
        String property = System.getProperty("lowrank.shared");
        String data = System.getenv("LOWRANK_DATA");
        return Stream.of(
                        property == null ? null : Path.of(property),
                        data == null ? null : Path.of("").resolve(data).resolve(".."),
                        data == null ? null : Path.of("..").resolve(data).resolve(".."),
                        Path.of("../../shared"),
                        Path.of("../shared"))
                .filter(Objects::nonNull);
    }

    private static JsonNode read(Path path) {
        try {
            return new ObjectMapper().readTree(path.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(path.toString(), e);
        }
    }
}
