package org.lowrank.data.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.lowrank.data.DataFormatException;
import org.lowrank.data.glue.HoldOut;
import org.lowrank.data.image.PictureLists.Form;
import org.lowrank.data.source.DataRoot;
import org.lowrank.data.source.Manifest;
import org.lowrank.engine.Checksums;

/**
 * Published sets as their authors pack them, unpacked into a folder of the set's name in the data
 * folder: the seven of LoRA-Pro's table 3. Classes are in the order of their numbers, where all of
 * them are numbers, else of the alphabet. Prompts are made of their names: those of the files, in
 * place of which the manifest has others for GTSRB (numbers) and EuroSAT (abbreviations). A file
 * {@code classes.txt} there, a name a line in that order, replaces both.
 */
public enum ImageSet {
    /** Cars (Krause et al., 2013), or lists {@code train.txt} and {@code test.txt} of them. */
    CARS,
    /** Textures (Cimpoi et al., 2014): {@code images/}, and lists of the first split. */
    DTD,
    /**
     * Land use from Sentinel-2 (Helber et al., 2019): a folder a class, perhaps lists beside it.
     */
    EUROSAT,
    /**
     * German traffic signs (Stallkamp et al., 2012): folders to train on, a table for the test.
     * {@code Final_Training} has 39,209 pictures; {@code Training}, the earlier release that
     * torchvision reads, 26,640 of them.
     */
    GTSRB,
    /**
     * Scenes from above (Cheng et al., 2017): a folder a class, perhaps beside the lists of Neumann
     * et al. (arXiv 1911.06721), {@code resisc45-train.txt} and so on.
     */
    RESISC45,
    /**
     * Scenes (Xiao et al., 2010): folders in folders, and lists of the first split, 50 pictures a
     * class in each.
     */
    SUN397,
    /** House numbers (Netzer et al., 2011): cropped digits in two files of MATLAB. */
    SVHN;

    /** What its folder is called. */
    public String folderName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Its splits.
     *
     * @throws IOException if it is not in the data folder; the message says where it would be and
     *     from where to get it
     */
    public ImageData load(DataRoot root, HoldOut holdOut) throws IOException {
        var manifest = Manifest.named(folderName());
        var folder = root.folder().resolve(folderName());
        if (!Files.isDirectory(folder)) {
            throw new IOException(
                    ("%s is not on this machine: environment/lowrank fetch %s, or get it from %s;"
                                    + " then unpack it into %s")
                            .formatted(name(), folderName(), manifest.homepage(), folder));
        }
        var found =
                switch (this) {
                    case CARS -> cars(folder);
                    case DTD -> textures(within(folder, "dtd"));
                    case EUROSAT -> listed(folder, within(folder, "2750"));
                    case RESISC45 -> listed(folder, within(folder, "NWPU-RESISC45"));
                    case SUN397 -> scenes(within(folder, "SUN397"), folder);
                    case GTSRB -> TrafficSigns.found(name(), within(folder, "GTSRB"), folder);
                    case SVHN -> Svhn.found(name(), folder);
                };
        var named = named(folder, found, manifest.classNames());
        named.hashes()
                .put(
                        "class names",
                        Checksums.of(
                                String.join("\n", named.classes())
                                        .getBytes(StandardCharsets.UTF_8)));
        return named.cut(holdOut, manifest.homepage().toString(), manifest.licence());
    }

    private static Path within(Path folder, String inner) {
        return Files.isDirectory(folder.resolve(inner)) ? folder.resolve(inner) : folder;
    }

    private static ImageData.Found named(
            Path folder, ImageData.Found found, Map<String, String> known) throws IOException {
        var file = folder.resolve("classes.txt");
        List<String> names;
        if (Files.exists(file)) {
            names = Files.readAllLines(file);
        } else {
            names = found.classes().stream().map(name -> known.getOrDefault(name, name)).toList();
        }
        if (names.size() != found.classes().size()) {
            throw new DataFormatException(
                    file.toString(),
                    "has "
                            + names.size()
                            + " names for the "
                            + found.classes().size()
                            + " classes of the set, "
                            + found.classes());
        }
        return new ImageData.Found(
                found.name(), found.splits(), names, found.pictures(), found.hashes());
    }

    private ImageData.Found cars(Path folder) throws IOException {
        var files = List.of("train.txt", "test.txt");
        return Files.exists(folder.resolve(files.get(0)))
                ? new PictureLists(folder, folder, files, Form.IN_FOLDER).found(name())
                : StanfordCars.found(name(), folder);
    }

    private ImageData.Found textures(Path folder) throws IOException {
        var files = List.of("train1.txt", "test1.txt", "val1.txt");
        return new PictureLists(
                        folder.resolve("images"), folder.resolve("labels"), files, Form.IN_FOLDER)
                .found(name());
    }

    /** The lists are in an archive of their own, which may be unpacked beside the pictures. */
    private ImageData.Found scenes(Path pictures, Path around) throws IOException {
        var files = List.of("Training_01.txt", "Testing_01.txt");
        var folder = Files.exists(around.resolve(files.get(0))) ? around : pictures;
        return new PictureLists(pictures, folder, files, Form.IN_FOLDER).found(name());
    }

    /** Folders of pictures, cut by lists of their files' names where there are such. */
    private ImageData.Found listed(Path folder, Path pictures) throws IOException {
        var files =
                Stream.of("train", "test", "val")
                        .map(split -> folderName() + "-" + split + ".txt")
                        .toList();
        return Files.exists(folder.resolve(files.get(0)))
                ? new PictureLists(pictures, folder, files, Form.BY_FILE_NAME).found(name())
                : ImageFolder.found(name(), pictures);
    }
}
