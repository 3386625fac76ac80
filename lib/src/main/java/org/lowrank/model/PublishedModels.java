package org.lowrank.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lowrank.data.source.CacheFolder;
import org.lowrank.data.source.DataRoot;
import org.lowrank.data.source.LocalRepository;
import org.lowrank.data.source.MavenArtifact;
import org.lowrank.model.block.Network;

/**
 * Models that are known by name: where their files are and how they are meant to be used, as data
 * ({@code published-models.json}). The three sentence encoders were trained contrastively on
 * sentence pairs, natural-language inference among them, before they are adapted here; BERT-base is
 * the plain pre-trained model.
 */
public final class PublishedModels {

    private static final JsonNode ENTRIES = entries();
    private static final String CONFIG = "config.json";
    private static final String WEIGHTS = "model.safetensors";

    private PublishedModels() {}

    private static JsonNode entries() {
        try (var in = PublishedModels.class.getResourceAsStream("published-models.json")) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException("published-models.json of the library is damaged", e);
        }
    }

    /** Every name known here. */
    public static List<String> names() {
        var names = new ArrayList<String>();
        ENTRIES.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** The names of those that can be loaded so. */
    public static List<String> names(Class<? extends Network> as) {
        var families = ModelFamilies.byType();
        return names().stream()
                .filter(name -> families.get(of(name).type()).capabilities().contains(as))
                .toList();
    }

    /** The name as it is written, whatever case it was asked for in. */
    static Optional<String> known(String name) {
        return names().stream().filter(n -> n.equalsIgnoreCase(name)).findFirst();
    }

    /**
     * True if the files of a model are on this machine, so that opening it needs no network.
     *
     * @throws IllegalArgumentException if there is none of that name; the message lists those there
     *     are
     */
    public static boolean isHere(String name) {
        var known =
                known(name)
                        .orElseThrow(
                                () ->
                                        new IllegalArgumentException(
                                                "no model is named '%s'; there are %s"
                                                        .formatted(name, names())));
        var entry = of(known);
        if (entry.isFolder()) {
            return entry.isThere();
        }
        return entry.text("file") == null
                ? LocalRepository.ofThisMachine().contains(entry.artifact())
                : DataRoot.ofThisMachine().contains(entry.text("file"));
    }

    /** Where a model is, or where to get it, in a few words. */
    public static String place(String name) {
        if (isHere(name)) {
            return "is here";
        }
        var entry = of(known(name).orElseThrow());
        if (entry.isMade()) {
            return "not here; environment/lowrank fetch %s trains it".formatted(entry.name());
        }
        return entry.text("terms") == null
                ? "not here; it is fetched when it is opened, or by its manifest"
                : "not here; accept its terms at %s and put its folder at %s"
                        .formatted(entry.text("terms"), entry.place());
    }

    /** The configuration of a model that is known before it is here; empty if its file has it. */
    public static Optional<JsonNode> config(String name) {
        return known(name).map(PublishedModels::of).map(e -> e.node().get("config"));
    }

    /**
     * Where a model of this library's own belongs, or nothing if the name is not that of one.
     *
     * @param name as it is known
     */
    public static Optional<Path> made(String name) {
        return known(name).map(PublishedModels::of).filter(Entry::isMade).map(Entry::place);
    }

    static Entry of(String known) {
        return new Entry(known, ENTRIES.get(known));
    }

    /** What is known of one model. */
    record Entry(String name, JsonNode node) {

        MavenArtifact artifact() {
            return MavenArtifact.of(node.get("artifact").textValue());
        }

        /** Of those who accept its terms, or made here; in no artifact and no manifest. */
        boolean isFolder() {
            return text("terms") != null || isMade();
        }

        /** Trained by this library itself. */
        boolean isMade() {
            return node.path("made").booleanValue();
        }

        /** Where its folder belongs. */
        Path place() {
            var root = isMade() ? CacheFolder.ofThisMachine() : DataRoot.ofThisMachine().folder();
            return root.resolve(text("folder"));
        }

        boolean isThere() {
            // what is made is whole when its weights are there
            return Files.isRegularFile(place().resolve(isMade() ? WEIGHTS : CONFIG));
        }

        /**
         * @throws IOException if the folder is not there; the message says where to get it
         */
        Path folder() throws IOException {
            if (isThere()) {
                return place();
            }
            throw new IOException(
                    isMade()
                            ? "%s is not on this machine: it is a model of this library's own, which `environment/lowrank fetch %s` trains in about ten minutes and puts into %s"
                                    .formatted(name, name, place())
                            : "%s is not on this machine: no %s; accept its terms at %s and put its folder there, or name the folder that has it by LOWRANK_DATA"
                                    .formatted(name, place().resolve(CONFIG), text("terms")));
        }

        String text(String key) {
            return node.path(key).textValue();
        }

        String type() {
            return node.path("model_type").asText(node.at("/config/model_type").asText());
        }

        /** Its configuration, as a folder of it would have it. */
        ObjectNode config() {
            return node.get("config").deepCopy();
        }
    }
}
