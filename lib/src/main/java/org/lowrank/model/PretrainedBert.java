package org.lowrank.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.AdaptableModel;
import org.lowrank.weights.WeightFileException;
import org.lowrank.weights.WeightSource;

/** BERT as it was pre-trained: encoder, pooler and the head that guesses masked words. */
public final class PretrainedBert implements AdaptableModel, AutoCloseable {

    private final BertEncoder encoder;
    private final BertPooler pooler;
    private final MaskedLanguageHead maskedLanguage;

    private PretrainedBert(BertConfig config, NDManager parent) {
        encoder = BertEncoder.empty(config, parent);
        pooler = new BertPooler(config);
        maskedLanguage = new MaskedLanguageHead(config, encoder.words());
    }

    /**
     * Loads all three from one file.
     *
     * @throws WeightFileException if the file does not hold exactly these
     */
    public static PretrainedBert load(BertConfig config, WeightSource source, NDManager parent)
            throws IOException {
        var bert = new PretrainedBert(config, parent);
        try {
            WeightLoader.load(source, bert.slots(), List.of(), bert.encoder.manager());
            return bert;
        } catch (IOException | RuntimeException e) {
            bert.close();
            throw e;
        }
    }

    /** One that knows nothing: weights from N(0, 0.02²), as BERT starts its pre-training. */
    public static PretrainedBert random(BertConfig config, long seed, NDManager parent) {
        var bert = new PretrainedBert(config, parent);
        RandomWeights.into(bert.slots(), seed, bert.encoder.manager());
        return bert;
    }

    private Map<String, WeightLoader.Slot> slots() {
        var slots = new LinkedHashMap<>(encoder.slots());
        slots.putAll(pooler.slots());
        slots.putAll(maskedLanguage.slots());
        return slots;
    }

    public BertEncoder encoder() {
        return encoder;
    }

    public BertPooler pooler() {
        return pooler;
    }

    public MaskedLanguageHead maskedLanguage() {
        return maskedLanguage;
    }

    @Override
    public Map<String, AdaptableLinear> linears() {
        var linears = new LinkedHashMap<>(encoder.linears());
        linears.putAll(pooler.linearsByPath());
        linears.putAll(maskedLanguage.linearsByPath());
        return linears;
    }

    @Override
    public Map<String, NDArray> parameters() {
        var arrays = new LinkedHashMap<String, NDArray>();
        slots().forEach((name, slot) -> arrays.put(name, slot.array().get()));
        return arrays;
    }

    /** Makes every weight a leaf of the graph (full fine-tuning), or none. */
    public void train(boolean all) {
        slots().values().forEach(slot -> slot.array().get().setRequiresGradient(all));
    }

    @Override
    public void close() {
        encoder.close();
    }
}
