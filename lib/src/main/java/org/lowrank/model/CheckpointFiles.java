package org.lowrank.model;

import java.io.IOException;

/** How the files of a published encoder are read. */
interface CheckpointFiles {

    WeightSource weights();

    SentenceTokenizer tokenizer() throws IOException;

    /** True if the weights hold a {@link BertPooler} and a {@link MaskedLanguageHead} too. */
    boolean hasHeads();
}
