/**
 * Tensors in files: name, type and shape of each, and its bytes or numbers when they are asked for.
 * Readers for safetensors (one file or shards with an index), PyTorch's own files ({@link
 * org.lowrank.weights.TorchFile}, whose pickle is read and never run), GGUF, ONNX, TensorFlow's
 * bundles and llama2.c's files; a writer of safetensors. This is how pretrained models come in and
 * how adapters come in and go out.
 *
 * <p>{@link org.lowrank.weights.TensorSources} opens whatever a file is; every reader finds the
 * places of its tensors and leaves the rest to one mapped source, so a weight is never in Java's
 * memory but while it is handed on.
 *
 * <p>A file is untrusted input. Whatever cannot be read rightly is refused with a {@link
 * org.lowrank.weights.MalformedFileException} that names the file and the field, before anything of
 * the claimed size is allocated.
 *
 * <p>Not for: which tensor belongs to which layer (that is {@code org.lowrank.adapter.peft} for
 * adapters and {@code org.lowrank.model} for models). It belongs to no paper.
 *
 * <p>May import: {@code linalg}, {@code config} and {@code engine}, and what they may.
 */
package org.lowrank.weights;
