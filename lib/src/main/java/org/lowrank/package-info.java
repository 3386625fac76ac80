/**
 * Low-rank adaptation (LoRA) of pretrained models: LoRA-Pro (arXiv 2407.18242), AltLoRA (arXiv
 * 2505.12455), the methods they are compared with, and their experiments.
 */
package org.lowrank;
