package org.lowrank.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lowrank.config.Json;

/** The tables of both papers, read from the library's own resources. */
public final class PaperTables {

    private static final String FOLDER = "reference/";

    private PaperTables() {}

    public static List<PaperTable> all() {
        return Holder.BY_ID.values().stream().toList();
    }

    /**
     * @param id for example {@code altlora/table-4}
     * @throws IllegalArgumentException if there is none of that id; the message lists the ids
     */
    public static PaperTable get(String id) {
        var table = Holder.BY_ID.get(id);
        if (table == null) {
            throw new IllegalArgumentException(
                    "no paper table \"%s\"; there are: %s"
                            .formatted(id, String.join(", ", Holder.BY_ID.keySet())));
        }
        return table;
    }

    /**
     * A number as printed, of the first row of a method.
     *
     * @throws IllegalArgumentException if the table has no such number
     */
    public static double value(String id, String method, String column) {
        return get(id).rows().stream()
                .filter(row -> row.method().equals(method))
                .flatMap(row -> Stream.ofNullable(row.cells().get(column)))
                .flatMap(cell -> Stream.ofNullable(cell.value()))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "table %s has no number of %s under %s"
                                                .formatted(id, method, column)));
    }

    private static final class Holder {
        static final Map<String, PaperTable> BY_ID = read();

        private static Map<String, PaperTable> read() {
            return text("index.txt")
                    .lines()
                    .map(Holder::table)
                    .collect(
                            Collectors.toMap(
                                    PaperTable::id,
                                    Function.identity(),
                                    (first, second) -> {
                                        throw new IllegalStateException("twice: " + first.id());
                                    },
                                    java.util.LinkedHashMap::new));
        }

        private static PaperTable table(String file) {
            try {
                return Json.mapper().readValue(text(file), PaperTable.class);
            } catch (IOException e) {
                throw new UncheckedIOException("paper table " + file + " is damaged", e);
            }
        }

        private static String text(String file) {
            try (InputStream in = PaperTables.class.getResourceAsStream(FOLDER + file)) {
                if (in == null) {
                    throw new IllegalStateException(
                            "the library lacks its resource org/lowrank/report/" + FOLDER + file);
                }
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
