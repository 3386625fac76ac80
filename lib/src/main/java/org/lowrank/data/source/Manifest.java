package org.lowrank.data.source;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.lowrank.data.Provenance;

/**
 * What is known of a data set without having it: one JSON file in {@code datasets/}, which is also
 * in the jar of the library.
 *
 * @param name for example {@code glue/CoLA}
 * @param title in words
 * @param homepage the official page
 * @param licence the terms, in a few words
 * @param citation the paper to cite
 * @param artifact Maven coordinates if it comes as an artifact, else null
 * @param archives downloads that hold more than one file
 * @param wheel a Python package that holds files too, for where their own addresses cannot be
 *     reached, or null
 * @param files what the readers of the library read, or archives of it that are to be unpacked
 * @param classNames what classes are called in words, by what the files call them, where that is a
 *     number or an abbreviation; else empty
 */
public record Manifest(
        String name,
        String title,
        URI homepage,
        String licence,
        String citation,
        String artifact,
        List<RemoteFile> archives,
        Wheel wheel,
        List<DataFile> files,
        @JsonProperty("class_names") Map<String, String> classNames) {

    /** The data sets, and the models that lie beside them, that have a manifest. */
    public static final List<String> NAMES =
            List.of(
                    "glue/CoLA",
                    "glue/SST-2",
                    "glue/MRPC",
                    "glue/QQP",
                    "glue/STS-B",
                    "glue/MNLI",
                    "glue/QNLI",
                    "glue/RTE",
                    "trec",
                    "languagetool-en",
                    "gsm8k",
                    "humaneval",
                    "mt-bench",
                    "svamp",
                    "llm-adapters",
                    "smollm2-135m-instruct",
                    "stories260k",
                    "fashion-mnist",
                    "cifar10",
                    "cars",
                    "dtd",
                    "eurosat",
                    "gtsrb",
                    "resisc45",
                    "sun397",
                    "svhn",
                    "resnet20-cifar10",
                    "resnet56-cifar10",
                    "t5-base",
                    "clip-vit-base-patch16",
                    "metamath",
                    "codefeedback",
                    "wizardlm");

    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    public Manifest {
        archives = archives == null ? List.of() : List.copyOf(archives);
        files = List.copyOf(files);
        classNames = classNames == null ? Map.of() : Map.copyOf(classNames);
    }

    /**
     * A package of the Python index; pip says where it is.
     *
     * @param requirement name and version, as pip has them
     * @param members the entry of each file, by its path below the data folder
     */
    public record Wheel(
            String requirement, Long bytes, String sha256, Map<String, String> members) {

        public Wheel {
            members = Map.copyOf(members);
        }
    }

    /**
     * A file of the set.
     *
     * @param path where it lies below the data folder; in an artifact, the entry
     * @param bytes its size, or null if it was never measured
     * @param sha256 its hash, or null if it was never measured
     * @param rows examples in it
     * @param classes how many examples each class has; empty for scores and unlabelled files
     * @param url where it is, by itself or as a {@code member} of an archive; null in an artifact
     * @param member the name within the archive, or null
     */
    public record DataFile(
            String path,
            Long bytes,
            String sha256,
            int rows,
            Map<String, Integer> classes,
            URI url,
            String member) {

        public DataFile {
            classes = classes == null ? Map.of() : Map.copyOf(classes);
        }
    }

    /**
     * The manifest of a data set.
     *
     * @throws IllegalArgumentException if there is none; the message lists those there are
     */
    public static Manifest named(String name) throws IOException {
        var found =
                known(name)
                        .orElseThrow(
                                () ->
                                        new IllegalArgumentException(
                                                "there is no data set '"
                                                        + name
                                                        + "'; there are "
                                                        + NAMES));
        var resource = "/datasets/" + fileName(found);
        try (var in = Manifest.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException("the jar of the library lacks " + resource);
            }
            return JSON.readValue(in, Manifest.class);
        }
    }

    /** The name as it is written, whatever case it was asked for in. */
    public static Optional<String> known(String name) {
        return NAMES.stream().filter(known -> known.equalsIgnoreCase(name)).findFirst();
    }

    /** The name of a manifest's file in {@code datasets/}. */
    public static String fileName(String name) {
        return name.toLowerCase(Locale.ROOT).replace('/', '-') + ".json";
    }

    /**
     * Where the texts of a task come from, with a note if files are not those of the manifest.
     *
     * @param preparation what was done to them
     * @param hashes the SHA-256 of each file that was read, by its path
     */
    public Provenance provenance(String preparation, Map<String, String> hashes) {
        var others =
                hashes.keySet().stream()
                        .filter(path -> file(path).isPresent())
                        .filter(path -> file(path).get().sha256() != null)
                        .filter(path -> !file(path).get().sha256().equals(hashes.get(path)))
                        .sorted()
                        .toList();
        var note = others.isEmpty() ? "" : "; NOT the bytes of the manifest: " + others;
        return new Provenance(homepage.toString(), licence, preparation + note, hashes);
    }

    /** The file that lies at a path below the data folder. */
    public Optional<DataFile> file(String path) {
        return files.stream().filter(file -> file.path().equals(path)).findFirst();
    }
}
