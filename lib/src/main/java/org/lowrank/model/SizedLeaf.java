package org.lowrank.model;

import ai.djl.ndarray.types.Shape;

/** A block without parts, all parameters of which have one shape. */
interface SizedLeaf {
    Shape shape();
}
