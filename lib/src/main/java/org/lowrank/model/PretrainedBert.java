package org.lowrank.model;

import ai.djl.ndarray.NDManager;
import java.util.LinkedHashMap;
import java.util.Map;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.model.block.Network;
import org.lowrank.model.block.RandomWeights;
import org.lowrank.model.block.Slot;
import org.lowrank.model.head.MaskedLanguageHead;
import org.lowrank.model.head.Pooler;

/** BERT as it was pre-trained: encoder, pooler and the head that guesses masked words. */
public final class PretrainedBert implements Network {

    private final Bert encoder;
    private final Pooler pooler;
    private final MaskedLanguageHead maskedLanguage;

    /** A network whose slots are still to be filled. */
    public PretrainedBert(BertConfig config, NDManager parent) {
        encoder = new Bert(config, parent);
        pooler = new Pooler(config.hidden());
        maskedLanguage =
                new MaskedLanguageHead(
                        config.hidden(), config.vocabulary(), config.norm(), encoder.words());
    }

    /** One that knows nothing: weights from N(0, 0.02²), as BERT starts its pre-training. */
    public static PretrainedBert random(BertConfig config, long seed, NDManager parent) {
        var bert = new PretrainedBert(config, parent);
        RandomWeights.into(bert.slots(), seed, bert.manager());
        return bert;
    }

    @Override
    public Map<String, Slot> slots() {
        var slots = new LinkedHashMap<>(encoder.slots());
        slots.putAll(pooler.slots());
        slots.putAll(maskedLanguage.slots());
        return slots;
    }

    public Bert encoder() {
        return encoder;
    }

    public Pooler pooler() {
        return pooler;
    }

    public MaskedLanguageHead maskedLanguage() {
        return maskedLanguage;
    }

    @Override
    public Map<String, AdaptableLinear> linears() {
        var linears = new LinkedHashMap<>(encoder.linears());
        linears.putAll(pooler.linears());
        linears.putAll(maskedLanguage.linears());
        return linears;
    }

    @Override
    public String root() {
        return encoder.bodyName();
    }

    @Override
    public NDManager manager() {
        return encoder.manager();
    }

    @Override
    public void close() {
        encoder.close();
    }
}
