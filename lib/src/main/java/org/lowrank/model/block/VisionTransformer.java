package org.lowrank.model.block;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.Patches;
import org.lowrank.engine.TorchProgram;

/**
 * A transformer over the patches of a picture and one token for all of it (Dosovitskiy et al.,
 * arXiv 2010.11929): ViT, DINOv2 (2304.07193) and the vision tower of CLIP (2103.00020). Every
 * token sees all others.
 */
public final class VisionTransformer extends NetworkBlock implements ImageEncoder {

    /**
     * What a model calls the parts.
     *
     * @param layer the path of layer {@code %d}
     * @param firstNorm before the layers, or null
     * @param scales of attention and feed-forward in a layer, or empty
     * @param maskToken what stood for hidden patches in the pre-training, or null; it is not read
     */
    public record Names(
            String body,
            String patches,
            String classToken,
            String positions,
            String firstNorm,
            String layer,
            List<String> scales,
            String lastNorm,
            String maskToken) {}

    /**
     * @param imageSize the side of a picture, in pixels
     * @param patchSize the side of a patch; it divides that of the picture, or the rest is cut
     * @param bare whether class token and positions have no leading axes of 1 (CLIP)
     * @param patchBias whether the map of patches has a bias
     * @param dino whether a classifier reads the mean of the patches too, and positions are
     *     interpolated for pictures of another size, as DINOv2 has it
     * @param layer all layers are alike
     */
    public record Form(
            Names names,
            int imageSize,
            int patchSize,
            int channels,
            boolean bare,
            boolean patchBias,
            boolean dino,
            DecoderLayer.Form layer,
            int layers) {

        int width() {
            return layer.attention().width();
        }

        int patches() {
            return imageSize / patchSize * (imageSize / patchSize);
        }
    }

    private final Form form;
    private final AdaptableLinear patches;
    private final Slot classToken;
    private final Slot positions;
    private final NormLayer firstNorm;
    private final List<DecoderLayer> layers = new ArrayList<>();
    private final NormLayer lastNorm;
    private final Regularizer dropout;

    private static final Map<List<Long>, TorchProgram> RESIZED = new ConcurrentHashMap<>();

    /** What first releases of transformers called the parts of a layer, and what they are now. */
    private static final Map<Pattern, String> OLDER = new LinkedHashMap<>();

    static {
        OLDER.put(Pattern.compile("\\.attention\\.attention\\.query\\b"), ".attention.q_proj");
        OLDER.put(Pattern.compile("\\.attention\\.attention\\.key\\b"), ".attention.k_proj");
        OLDER.put(Pattern.compile("\\.attention\\.attention\\.value\\b"), ".attention.v_proj");
        OLDER.put(Pattern.compile("\\.attention\\.output\\.dense\\b"), ".attention.o_proj");
        OLDER.put(Pattern.compile("\\.intermediate\\.dense\\b"), ".mlp.fc1");
        OLDER.put(Pattern.compile("(layers?\\.\\d+)\\.output\\.dense\\b"), "$1.mlp.fc2");
    }

    /**
     * The path of a module or an array that may have an older name.
     *
     * @param layer what layers are called now, with {@code %d} for the number
     */
    public static String currentPath(String path, String layer) {
        var now = layer.replace("%d", "");
        var current = path.contains(now) ? path : path.replace("encoder.layer.", now);
        for (var older : OLDER.entrySet()) {
            current = older.getKey().matcher(current).replaceFirst(older.getValue());
        }
        return current;
    }

    /** A network whose slots are still to be filled. */
    public VisionTransformer(Form form, NDManager parent) {
        super("vision", parent);
        this.form = form;
        var names = form.names();
        int width = form.width();
        var shape = new Patches(form.channels(), form.patchSize(), form.patchSize(), 0);
        patches = convolution(names.patches(), shape, width, form.patchBias());
        int tokens = form.patches() + 1;
        classToken =
                array(
                        names.classToken(),
                        form.bare() ? new Shape(width) : new Shape(1, 1, width),
                        0);
        positions =
                array(
                        names.positions(),
                        form.bare() ? new Shape(tokens, width) : new Shape(1, tokens, width),
                        0);
        if (names.maskToken() != null) {
            array(names.maskToken(), new Shape(1, width), 0);
        }
        var norm = form.layer().norm();
        firstNorm =
                names.firstNorm() == null
                        ? null
                        : part(names.firstNorm(), new NormLayer(width, norm));
        for (int i = 0; i < form.layers(); i++) {
            var layer =
                    names.scales().isEmpty()
                            ? new DecoderLayer(form.layer())
                            : new DecoderLayer(form.layer(), names.scales());
            layers.add(part(names.layer().formatted(i), layer));
        }
        lastNorm = part(names.lastNorm(), new NormLayer(width, norm));
        dropout = new Regularizer(form.layer().dropout());
    }

    /**
     * The tokens after the last layer and before the last normalisation, that of the picture first.
     *
     * @return (batch, 1 + patches, width)
     */
    public NDArray tokens(NDArray pixels, boolean training) {
        return through(pixels, training, false);
    }

    /** All tokens, (batch, 1 + patches, width), or that of the picture alone, (batch, width). */
    private NDArray through(NDArray pixels, boolean training, boolean firstAlone) {
        var embedded = embedded(pixels, training);
        var shape = embedded.getShape();
        var x = embedded.reshape(-1, form.width());
        x = firstNorm == null ? x : firstNorm.forward(x);
        var at = new Attention.Context(shape.get(0), shape.get(1), null, null, null);
        int last = layers.size() - 1;
        for (var layer : layers.subList(0, last)) {
            x = layer.forward(x, at, training);
        }
        return firstAlone
                ? layers.get(last).first(x, at, training)
                : layers.get(last).forward(x, at, training).reshape(shape);
    }

    /** The token of the picture, then the patches row by row, each with its position. */
    private NDArray embedded(NDArray pixels, boolean training) {
        var shape = pixels.getShape();
        requireSize(shape);
        long batch = shape.get(0);
        long width = form.width();
        long down = shape.get(2) / form.patchSize();
        long across = shape.get(3) / form.patchSize();
        var shown = pixels.transpose(0, 2, 3, 1);
        var ofPatches = patches.forward(shown, training).reshape(batch, down * across, width);
        // A view of a weight stays with it; one of the step ends with the step.
        var first = ofStep(classToken.array().reshape(1, 1, width), pixels);
        var all = new NDList(first.broadcast(batch, 1, width), ofPatches);
        var places = ofStep(positions.array().reshape(1, form.patches() + 1L, width), pixels);
        boolean square = shape.get(2) == shape.get(3);
        if (down * across != form.patches() || !square) {
            places = interpolated(places, down, across);
        }
        return dropout.apply(NDArrays.concat(all, 1).add(places), training);
    }

    /** The positions of a square of patches as those of a rectangle of others, bicubic. */
    private NDArray interpolated(NDArray places, long down, long across) {
        long side = form.imageSize() / form.patchSize();
        var grid =
                places.get(new NDIndex(":, 1:"))
                        .reshape(1, side, side, form.width())
                        .transpose(0, 3, 1, 2);
        var resized =
                RESIZED.computeIfAbsent(List.of(down, across), VisionTransformer::resizing)
                        .recorded("resized", grid)
                        .singletonOrThrow()
                        .transpose(0, 2, 3, 1)
                        .reshape(1, down * across, form.width());
        return NDArrays.concat(new NDList(places.get(new NDIndex(":, :1")), resized), 1);
    }

    private static TorchProgram resizing(List<Long> size) {
        return TorchProgram.of(
                """
                def resized(self, grid: Tensor) -> Tensor:
                  return torch.upsample_bicubic2d(grid, %s, False, None, None)
                """
                        .formatted(size));
    }

    /** All but the token of the pre-training, which no picture reads. */
    @Override
    public void train(boolean all) {
        if (all) {
            requirePlain("trained");
        }
        slots().forEach(
                        (name, slot) -> {
                            boolean read = !name.equals(form.names().maskToken());
                            slot.array().setRequiresGradient(all && read);
                        });
    }

    private static NDArray ofStep(NDArray view, NDArray pixels) {
        view.attach(pixels.getManager());
        return view;
    }

    private void requireSize(Shape shape) {
        int side = form.imageSize();
        boolean pictures = shape.dimension() == 4 && shape.get(1) == form.channels();
        boolean fits = pictures && shape.get(2) == side && shape.get(3) == side;
        boolean bends =
                form.dino() && pictures && Math.min(shape.get(2), shape.get(3)) >= form.patchSize();
        if (!fits && !bends) {
            throw new IllegalArgumentException(
                    "pictures of shape %s; this encoder reads (batch, %d, %d, %d)%s"
                            .formatted(
                                    shape,
                                    form.channels(),
                                    side,
                                    side,
                                    form.dino() ? "" : ", its positions are not interpolated"));
        }
    }

    /**
     * The normalised token of the picture; beside it the mean of the patches where that is read.
     */
    @Override
    public NDArray features(NDArray pixels, boolean training) {
        if (!form.dino()) {
            return lastNorm.forward(through(pixels, training, true));
        }
        var normal = lastNorm.forward(tokens(pixels, training));
        var first = normal.get(new NDIndex(":, 0"));
        var mean = normal.get(new NDIndex(":, 1:")).mean(new int[] {1});
        return NDArrays.concat(new NDList(first, mean), 1);
    }

    @Override
    public int width() {
        return form.dino() ? 2 * form.width() : form.width();
    }

    @Override
    public int imageSize() {
        return form.imageSize();
    }

    @Override
    public String currentPath(String pathInFile) {
        return currentPath(pathInFile, form.names().layer());
    }

    @Override
    public String bodyName() {
        return form.names().body();
    }
}
