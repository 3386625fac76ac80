package org.lowrank.data.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.stream.IntStream;
import org.lowrank.data.DataFormatException;
import org.lowrank.data.image.MatFile.Numbers;
import org.lowrank.engine.Checksums;

/**
 * SVHN's cropped digits in files of MATLAB: {@code X} (32, 32, 3, n), bytes, the first axis
 * fastest, and {@code y} (n, 1), digits of which 10 means 0.
 */
final class Svhn {

    private Svhn() {}

    static ImageData.Found found(String name, Path folder) throws IOException {
        var pictures = new HashMap<String, Numbers>();
        var classes = IntStream.range(0, 10).mapToObj(Integer::toString).toList();
        var found =
                new ImageData.Found(
                        name,
                        classes,
                        picture -> {
                            int slash = picture.indexOf('/');
                            var all = pictures.get(picture.substring(0, slash));
                            return picture(all, Integer.parseInt(picture.substring(slash + 1)));
                        });
        for (var split : List.of(ImageData.Found.TRAIN, ImageData.Found.TEST)) {
            var file = folder.resolve(split + "_32x32.mat");
            if (!Files.exists(file)) {
                throw new DataFormatException(file.toString(), "is not there");
            }
            var arrays = MatFile.read(file);
            if (!(arrays.get("X") instanceof Numbers x)
                    || !(arrays.get("y") instanceof Numbers y)
                    || x.lengths().length != 4
                    || x.lengths()[2] != Picture.CHANNELS
                    || y.count() < x.lengths()[3]) {
                throw new DataFormatException(
                        file.toString(),
                        "holds " + arrays.keySet() + "; expected X (h, w, 3, n) and y (n, 1)");
            }
            pictures.put(split, x);
            found.hashes().put(file.getFileName().toString(), Checksums.of(file));
            for (int i = 0; i < x.lengths()[3]; i++) {
                found.add(split, split + "/" + i, y.at(i) % 10);
            }
        }
        return found;
    }

    private static Picture picture(Numbers x, int index) {
        int height = x.lengths()[0];
        int width = x.lengths()[1];
        int area = height * width;
        var rgb = new byte[area * Picture.CHANNELS];
        for (int row = 0; row < height; row++) {
            for (int column = 0; column < width; column++) {
                for (int c = 0; c < Picture.CHANNELS; c++) {
                    int at = row + height * column + area * (c + Picture.CHANNELS * index);
                    rgb[(row * width + column) * Picture.CHANNELS + c] = (byte) x.at(at);
                }
            }
        }
        return new Picture(width, height, rgb);
    }
}
