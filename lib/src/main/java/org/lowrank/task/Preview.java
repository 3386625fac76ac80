package org.lowrank.task;

import java.util.List;

/**
 * What can be told of prompts and answers before a model is trained on them.
 *
 * @param <P> what is said of one row
 */
public interface Preview<P> {

    /** What a reader of the data should know, one line each, by file and line. */
    List<String> remarks();

    /** The first training record as the model sees it; what it learns is between ⟦ and ⟧. */
    String example();

    /** Records of a part. */
    int rows(Part part);

    /** Tokens of all rows of a part. */
    long tokens(Part part);

    /** The longest training sequence, in tokens. */
    int longest();

    /** Ids that can follow. */
    int vocabulary();

    /** Takes the model once over all tokens of a part, and nothing else. */
    void pass(Part part);

    /** Question, reference and answer of the first test rows, if the model wrote answers. */
    List<String> samples(List<P> said, int most);
}
