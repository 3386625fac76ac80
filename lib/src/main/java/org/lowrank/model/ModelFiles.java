package org.lowrank.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.lowrank.data.source.JarResource;
import org.lowrank.data.source.MavenArtifact;
import org.lowrank.model.block.Place;
import org.lowrank.text.TextTokenizer;
import org.lowrank.text.WordPieceTokenizers;
import org.lowrank.weights.MalformedFileException;
import org.lowrank.weights.NestedZip;
import org.lowrank.weights.OnnxFile;
import org.lowrank.weights.StrictJson;
import org.lowrank.weights.TensorFlowBundle;
import org.lowrank.weights.TensorSource;
import org.lowrank.weights.TensorSources;

/**
 * The files of one model, whatever their kind: a configuration in the words of Hugging Face, named
 * tensors, a tokenizer.
 */
record ModelFiles(
        String name,
        String source,
        Path configFile,
        JsonNode config,
        TensorSource weights,
        Dialect dialect,
        TokenizerFile tokenizerFile,
        String prefix) {

    /** How a kind of file names tensors. */
    interface Dialect {
        /** Where a tensor belongs. */
        Optional<Place> place(ModelFamily family, String nameInFile);
    }

    /** Reads a tokenizer anew. */
    interface TokenizerFile {
        TextTokenizer open() throws IOException;
    }

    private static final String CONFIG = "config.json";
    private static final String TOKENIZER = "tokenizer.json";

    /** A folder as Hugging Face has them, or one file. */
    static ModelFiles at(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            throw new MalformedFileException(
                    path, "file", "is no folder with a " + CONFIG + " and weights");
        }
        var config = path.resolve(CONFIG);
        if (!Files.isRegularFile(config)) {
            throw new MalformedFileException(
                    path,
                    "folder",
                    "holds no " + CONFIG + ", without which nothing says what model it is");
        }
        var root = StrictJson.readObject(config);
        ModelFamilies.of(config, root); // before the weights: its message says more
        return new ModelFiles(
                path.toAbsolutePath().normalize().getFileName().toString(),
                path.toString(),
                config,
                root,
                TensorSources.open(path),
                ModelFamily::place,
                () -> tokenizer(path),
                "");
    }

    static ModelFiles of(Path configFile, JsonNode config, TensorSource weights) {
        return new ModelFiles(
                configFile.getFileName().toString(),
                configFile.toString(),
                configFile,
                config,
                weights,
                ModelFamily::place,
                () -> tokenizer(configFile.resolveSibling("")),
                "");
    }

    private static TextTokenizer tokenizer(Path folder) throws IOException {
        var file = folder.resolve(TOKENIZER);
        if (!Files.isRegularFile(file)) {
            throw new MalformedFileException(
                    folder, "folder", "holds no " + TOKENIZER + ", which turns text into tokens");
        }
        try (var json = Files.newInputStream(file)) {
            return new TextTokenizer(file.toString(), json);
        }
    }

    /** The files of a jar. */
    static ModelFiles published(PublishedModels.Entry entry) throws IOException {
        var jar = entry.artifact();
        var weights = new JarResource(jar, entry.text("weights"));
        boolean bundle = entry.node().has("vocabulary");
        var tensors =
                bundle
                        ? new TensorFlowBundle(weights.toString(), weights::open)
                        : new OnnxFile(weights.toString(), weights::open, entry.text("sha256"));
        return new ModelFiles(
                entry.name(),
                jar.toString(),
                Path.of("published-models.json"),
                entry.config(),
                new StreamedTensors(tensors),
                ModelFamily::place,
                () -> bundle ? words(weights, entry.text("vocabulary")) : json(jar, entry),
                entry.text("prefix"));
    }

    private static TextTokenizer json(MavenArtifact jar, PublishedModels.Entry entry)
            throws IOException {
        var resource = new JarResource(jar, entry.text("tokenizer"));
        try (var json = resource.open()) {
            return new TextTokenizer(resource.toString(), json);
        }
    }

    private static TextTokenizer words(JarResource zip, String vocabulary) throws IOException {
        List<String> words;
        try (var in = NestedZip.open(zip.toString(), zip::open, vocabulary)) {
            words = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
        return WordPieceTokenizers.uncased(zip + "!" + vocabulary, words);
    }

    Optional<Place> place(ModelFamily family, String nameInFile) {
        return dialect.place(family, nameInFile);
    }

    TextTokenizer tokenizer() throws IOException {
        return tokenizerFile.open();
    }

    void close() {
        try {
            weights.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
