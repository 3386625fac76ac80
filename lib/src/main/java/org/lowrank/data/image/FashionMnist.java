package org.lowrank.data.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import org.lowrank.data.DataFormatException;
import org.lowrank.data.glue.HoldOut;
import org.lowrank.data.source.DataRoot;
import org.lowrank.data.source.Manifest;
import org.lowrank.engine.Checksums;

/**
 * Fashion-MNIST (Xiao et al., arXiv 1708.07747): 60,000 and 10,000 grey pictures of clothes, 28 x
 * 28, in the data folder or as Debian's package {@code dataset-fashion-mnist} installs them.
 */
public final class FashionMnist {

    public static final String NAME = "fashion-mnist";

    public static final List<String> LABELS =
            List.of(
                    "T-shirt",
                    "trouser",
                    "pullover",
                    "dress",
                    "coat",
                    "sandal",
                    "shirt",
                    "sneaker",
                    "bag",
                    "ankle boot");

    private static final Path OF_DEBIAN = Path.of("/usr/share/datasets/fashion-mnist");

    private FashionMnist() {}

    /** True if its files are on this machine. */
    public static boolean isHere(DataRoot root) {
        var file = "train-images-idx3-ubyte.gz";
        return root.contains(NAME + "/" + file) || Files.exists(OF_DEBIAN.resolve(file));
    }

    public static ImageData load(DataRoot root, HoldOut holdOut) throws IOException {
        var parts = new HashMap<String, IdxFile>();
        var found =
                new ImageData.Found(
                        "Fashion-MNIST",
                        LABELS,
                        name -> {
                            int slash = name.indexOf('/');
                            var file = parts.get(name.substring(0, slash));
                            return file.picture(Integer.parseInt(name.substring(slash + 1)));
                        });
        read(root, "train", ImageData.Found.TRAIN, found, parts);
        read(root, "t10k", ImageData.Found.TEST, found, parts);
        var manifest = Manifest.named(NAME);
        return found.cut(holdOut, manifest.homepage().toString(), manifest.licence());
    }

    private static void read(
            DataRoot root,
            String prefix,
            String split,
            ImageData.Found found,
            HashMap<String, IdxFile> parts)
            throws IOException {
        var imageFile = file(root, prefix + "-images-idx3-ubyte.gz");
        var labelFile = file(root, prefix + "-labels-idx1-ubyte.gz");
        var images = IdxFile.read(imageFile, 3);
        var labels = IdxFile.read(labelFile, 1);
        if (images.lengths()[0] != labels.lengths()[0]) {
            throw new DataFormatException(
                    labelFile.toString(),
                    "has "
                            + labels.lengths()[0]
                            + " labels for the "
                            + images.lengths()[0]
                            + " pictures of "
                            + imageFile.getFileName());
        }
        parts.put(split, images);
        for (int i = 0; i < labels.values().length; i++) {
            found.add(
                    split,
                    String.format(Locale.ROOT, "%s/%05d", split, i),
                    labels.values()[i] & 0xff);
        }
        found.hashes().put(imageFile.getFileName().toString(), Checksums.of(imageFile));
        found.hashes().put(labelFile.getFileName().toString(), Checksums.of(labelFile));
    }

    private static Path file(DataRoot root, String name) throws IOException {
        var ofDebian = OF_DEBIAN.resolve(name);
        return !root.contains(NAME + "/" + name) && Files.exists(ofDebian)
                ? ofDebian
                : root.file(NAME + "/" + name, NAME);
    }
}
