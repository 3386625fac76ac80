/**
 * Adapters in the files of Hugging Face's PEFT: {@code adapter_config.json} and {@code
 * adapter_model.safetensors}, written so that PEFT reads them and read as PEFT writes them. LoRA
 * and rsLoRA on linear maps, convolutions and tables of embeddings, DoRA on the first two, AdaLoRA
 * on linear maps, and modules that are trained whole. Of a convolution with kernel k from c to m
 * channels A is (r, c, k, k) and B is (m, r, 1, 1).
 *
 * <p>Not for: PEFT's other methods, AdaLoRA on convolutions, starts that changed the base and were
 * not saved as a difference (all refused by name), or the state of a run, which is a checkpoint of
 * {@code org.lowrank.train}. It belongs to no paper.
 *
 * <p>May import: {@code adapter.kind} and {@code adapter.init}, and what they may.
 */
package org.lowrank.adapter.peft;
