package org.lowrank.model;

import java.io.IOException;
import org.lowrank.text.TextTokenizer;
import org.lowrank.weights.WeightSource;

/** How the files of a published encoder are read. */
interface CheckpointFiles {

    WeightSource weights();

    TextTokenizer tokenizer() throws IOException;

    /** True if the weights hold a {@link BertPooler} and a {@link MaskedLanguageHead} too. */
    boolean hasHeads();
}
