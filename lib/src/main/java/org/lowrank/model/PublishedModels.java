package org.lowrank.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
        return entry.text("file") == null
                ? LocalRepository.ofThisMachine().contains(entry.artifact())
                : DataRoot.ofThisMachine().contains(entry.text("file"));
    }

    static Entry of(String known) {
        return new Entry(known, ENTRIES.get(known));
    }

    /** What is known of one model. */
    record Entry(String name, JsonNode node) {

        MavenArtifact artifact() {
            return MavenArtifact.of(node.get("artifact").textValue());
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
