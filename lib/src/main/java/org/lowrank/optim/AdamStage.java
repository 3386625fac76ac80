package org.lowrank.optim;

import ai.djl.ndarray.NDArray;

/** A stage whose direction is Adam's, at a count of its own. */
interface AdamStage extends FactorStage {

    AdamMoments adam();

    /** The step as bias correction counts it. */
    FactorStep counted(FactorStep f);

    @Override
    default NDArray direction(FactorStep f, NDArray g) {
        return InPlace.direction(adam(), counted(f), g);
    }
}
