/**
 * Adapters in the files of Hugging Face's PEFT: {@code adapter_config.json} and {@code
 * adapter_model.safetensors}, written so that PEFT reads them and read as PEFT writes them. LoRA,
 * rsLoRA, DoRA and AdaLoRA on linear maps, and modules that are trained whole.
 *
 * <p>Not for: PEFT's other methods, convolutions and embeddings under LoRA, starts that changed the
 * base and were not saved as a difference (all refused by name), or the state of a run, which is a
 * checkpoint of {@code org.lowrank.train}. It belongs to no paper.
 *
 * <p>May import: {@code adapter.kind} and {@code adapter.init}, and what they may.
 */
package org.lowrank.adapter.peft;
