package org.lowrank.data.image;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.lowrank.weights.MalformedFileException;
import org.lowrank.weights.StrictJson;

/**
 * What is done to a picture before a model sees it: resized, its middle cut out, scaled and
 * normalised, as the model's {@code preprocessor_config.json} says.
 *
 * @param width of the resized picture; 0 if its shorter side is given
 * @param shorter the shorter side of the resized picture, 0 if both are given; the longer one
 *     follows and is cut to a whole number
 * @param resampling null if nothing is resized
 * @param cropWidth of the middle that is cut out, 0 if nothing is cut
 * @param factor of the values 0 to 255
 * @param mean of each channel, subtracted after scaling
 * @param deviation of each channel, by which it is divided
 */
public record ImageProcessor(
        int width,
        int height,
        int shorter,
        Resampling resampling,
        int cropWidth,
        int cropHeight,
        double factor,
        double[] mean,
        double[] deviation) {

    /** The name of the file in a model's folder. */
    public static final String FILE = "preprocessor_config.json";

    /** Of the residual networks for CIFAR-10, as they were trained by their authors. */
    public static final ImageProcessor RESNET =
            new ImageProcessor(
                    32,
                    32,
                    0,
                    Resampling.BILINEAR,
                    0,
                    0,
                    1 / 255.0,
                    new double[] {0.485, 0.456, 0.406},
                    new double[] {0.229, 0.224, 0.225});

    private static final double[] HALF = {0.5, 0.5, 0.5};
    private static final double[] CLIP_MEAN = {0.48145466, 0.4578275, 0.40821073};
    private static final double[] CLIP_DEVIATION = {0.26862954, 0.26130258, 0.27577711};

    /** What a processor does where its file is silent. */
    private record Absent(
            boolean square, boolean crop, Resampling resampling, double[] mean, double[] std) {}

    private static final Absent PLAIN = new Absent(true, false, Resampling.BILINEAR, HALF, HALF);
    private static final Absent CROPPED =
            new Absent(false, true, Resampling.BICUBIC, CLIP_MEAN, CLIP_DEVIATION);

    private static final Map<String, Absent> KINDS =
            Map.of("ViT", PLAIN, "CLIP", CROPPED, "Bit", CROPPED);

    private static final Set<String> READ =
            Set.of(
                    "image_processor_type",
                    "feature_extractor_type",
                    "processor_class",
                    "do_convert_rgb",
                    "do_resize",
                    "size",
                    "resample",
                    "do_center_crop",
                    "crop_size",
                    "do_rescale",
                    "rescale_factor",
                    "do_normalize",
                    "image_mean",
                    "image_std",
                    "default_to_square",
                    "data_format",
                    "input_data_format",
                    "device",
                    "return_tensors");

    /** That of a model's folder. */
    public static ImageProcessor ofFolder(Path folder) throws IOException {
        var file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            throw new MalformedFileException(
                    folder,
                    FILE,
                    "is not there: how pictures are prepared for this model is not known; take it"
                            + " from where the model came from");
        }
        return of(file, StrictJson.readObject(file));
    }

    /**
     * @param file for messages
     * @throws MalformedFileException if it is of a kind that is not built, or asks for a step that
     *     is not
     */
    public static ImageProcessor of(Path file, JsonNode json) throws IOException {
        var type =
                json.path("image_processor_type")
                        .asText(json.path("feature_extractor_type").asText("ViTImageProcessor"));
        var kind = type.replaceFirst("(ImageProcessor|FeatureExtractor)(Fast|Pil)?$", "");
        var absent = KINDS.get(kind);
        if (absent == null) {
            throw new MalformedFileException(
                    file,
                    "image_processor_type",
                    "\"" + type + "\" is not built; built are those of " + KINDS.keySet());
        }
        for (var field : json.properties()) {
            var value = field.getValue();
            boolean off = value.isNull() || value.isBoolean() && !value.booleanValue();
            if (!READ.contains(field.getKey()) && !off && !field.getKey().startsWith("_")) {
                throw new MalformedFileException(
                        file, field.getKey(), "is " + value + ", a step that is not built here");
            }
        }
        return new Reader(file, json).processor(absent);
    }

    private record Reader(Path file, JsonNode json) {

        ImageProcessor processor(Absent absent) throws IOException {
            boolean resizes = flag("do_resize", true);
            var size = node("size");
            boolean square = absent.square();
            int shorter = 0;
            int width = 0;
            int height = 0;
            if (size.has("shortest_edge")) {
                shorter = positive(size, "size", "shortest_edge", 2);
            } else if (size.isInt() || size.isMissingNode()) {
                int side = size.isInt() ? side(size, "size") : 224;
                shorter = square ? 0 : side;
                width = square ? side : 0;
                height = width;
            } else {
                height = positive(size, "size", "height", 3);
                width = positive(size, "size", "width", 3);
            }
            boolean crops = flag("do_center_crop", absent.crop());
            var crop = node("crop_size");
            int cropWidth = crop.isInt() ? side(crop, "crop_size") : 224;
            int cropHeight = cropWidth;
            if (crop.isObject()) {
                cropHeight = positive(crop, "crop_size", "height", 3);
                cropWidth = positive(crop, "crop_size", "width", 3);
            }
            boolean normalises = flag("do_normalize", true);
            return new ImageProcessor(
                    width,
                    height,
                    shorter,
                    resizes ? resampling(absent.resampling()) : null,
                    crops ? cropWidth : 0,
                    crops ? cropHeight : 0,
                    flag("do_rescale", true) ? factor() : 1,
                    normalises ? three("image_mean", absent.mean()) : new double[3],
                    normalises ? three("image_std", absent.std()) : new double[] {1, 1, 1});
        }

        private JsonNode node(String key) {
            var node = json.path(key);
            return node.isNull() ? json.path("\0") : node;
        }

        private boolean flag(String key, boolean absent) throws IOException {
            var node = node(key);
            if (!node.isMissingNode() && !node.isBoolean()) {
                throw refusal(key, "must be true or false, not " + node);
            }
            return node.asBoolean(absent);
        }

        private int side(JsonNode node, String key) throws IOException {
            if (!node.isInt() || node.intValue() < 1) {
                throw refusal(key, "must be a whole number of pixels, not " + node);
            }
            return node.intValue();
        }

        private int positive(JsonNode object, String key, String part, int most)
                throws IOException {
            if (!object.isObject() || object.size() >= most) {
                throw refusal(
                        key,
                        "is "
                                + object
                                + "; {\"height\": h, \"width\": w} and {\"shortest_edge\": n} are built");
            }
            return side(object.path(part), key + "." + part);
        }

        private Resampling resampling(Resampling absent) throws IOException {
            var node = node("resample");
            int code = node.isMissingNode() ? absent.ordinal() : node.asInt(-1);
            if (code < 0 || code >= Resampling.values().length) {
                throw refusal("resample", "is " + node + "; PIL's filters are 0 to 5");
            }
            return Resampling.values()[code];
        }

        private double factor() throws IOException {
            var node = node("rescale_factor");
            if (!node.isMissingNode() && !node.isNumber()) {
                throw refusal("rescale_factor", "must be a number, not " + node);
            }
            return node.asDouble(1 / 255.0);
        }

        private double[] three(String key, double[] absent) throws IOException {
            var node = node(key);
            if (node.isMissingNode()) {
                return absent;
            }
            if (!node.isArray() || node.size() != 3) {
                throw refusal(
                        key, "must have a number for each of red, green and blue, not " + node);
            }
            var values = new double[3];
            for (int c = 0; c < values.length; c++) {
                values[c] = node.get(c).asDouble();
                if (!node.get(c).isNumber() || key.equals("image_std") && values[c] == 0) {
                    throw refusal(key, "is " + node + "; its numbers must be such, and not 0");
                }
            }
            return values;
        }

        private MalformedFileException refusal(String key, String reason) {
            return new MalformedFileException(file, key, reason);
        }
    }

    /** The picture after resizing and cutting, still 8 bits a colour. */
    public Picture shaped(Picture picture) {
        var resized = picture;
        if (resampling != null) {
            int w = width;
            int h = height;
            if (shorter > 0) {
                int longer = Math.max(picture.width(), picture.height());
                int least = Math.min(picture.width(), picture.height());
                int other = (int) ((double) ((long) shorter * longer) / least);
                boolean wide = picture.width() > picture.height();
                w = wide ? other : shorter;
                h = wide ? shorter : other;
            }
            resized = resampling.resize(picture, w, h);
        }
        return cropWidth == 0 ? resized : middle(resized);
    }

    /** The middle; what is smaller gets a black border, the wider half of it above and left. */
    private Picture middle(Picture picture) {
        return picture.part(
                corner(picture.width(), cropWidth),
                corner(picture.height(), cropHeight),
                cropWidth,
                cropHeight);
    }

    private static int corner(int length, int cut) {
        return length >= cut ? (length - cut) / 2 : -((cut - length + 1) / 2);
    }

    /** The values that a model reads, (3, height, width). */
    public float[] pixels(Picture picture) {
        return values(shaped(picture));
    }

    /** The values of a picture that has its shape already. */
    public float[] values(Picture picture) {
        int area = picture.width() * picture.height();
        var values = new float[Picture.CHANNELS * area];
        for (int i = 0; i < area; i++) {
            for (int c = 0; c < Picture.CHANNELS; c++) {
                double scaled = (picture.rgb()[i * Picture.CHANNELS + c] & 0xff) * factor;
                values[c * area + i] = (float) ((scaled - mean[c]) / deviation[c]);
            }
        }
        return values;
    }
}
