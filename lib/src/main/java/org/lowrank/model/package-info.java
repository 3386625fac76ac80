/**
 * Pretrained encoders: the readers of their weights, their tokenizers, and the networks as DJL
 * blocks whose linear maps can carry adapters.
 *
 * <p>For: BERT (Devlin et al., arXiv 1810.04805) in the sizes of the sentence encoders
 * all-MiniLM-L6-v2, bge-small-en-v1.5 and e5-small-v2, pooling, and a classification head on top.
 * They stand where the papers use T5 and Llama: what is adapted is the same kind of linear map.
 *
 * <p>Not for: data sets (package {@code data}), the training loop (package {@code train}), or the
 * adapters themselves (package {@code adapter}). No ONNX runtime is used: the weights are read from
 * the file and the network is built here, so that gradients reach every linear map.
 */
package org.lowrank.model;
