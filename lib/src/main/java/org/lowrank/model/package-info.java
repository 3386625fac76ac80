/**
 * Pretrained models: which there are, what their files say, and the families that build networks
 * whose linear maps can carry adapters.
 *
 * <p>{@link org.lowrank.model.PretrainedModel#open} takes a name, a folder or a file; {@link
 * org.lowrank.model.ModelFamily} is found by the {@code model_type} of its configuration and builds
 * a network with empty slots, which the file fills. Encoders: BERT (Devlin et al., arXiv
 * 1810.04805), RoBERTa, DistilBERT. Decoders: Llama, Mistral, Qwen, Gemma, GPT-2. Both: T5 (Raffel
 * et al., arXiv 1910.10683).
 *
 * <p>Not for: file formats ({@code weights}), what is trained on ({@code data}, {@code task}), the
 * adapters themselves ({@code adapter}). No foreign runtime is used: the weights are read from the
 * file and the network is built here, so that gradients reach every linear map.
 *
 * <p>May import: {@code model.head}, {@code adapter} and {@code data}, and what they may.
 */
package org.lowrank.model;
