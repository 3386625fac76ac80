/**
 * Files in the safetensors format: eight bytes with the length of a JSON header (little endian),
 * the header with type, shape and place of every tensor, and the tensors' bytes without gaps. This
 * is how pretrained models come in and how adapters come in and go out.
 *
 * <p>A file is untrusted input. Whatever cannot be read rightly is refused with a {@link
 * org.lowrank.adapter.safetensors.MalformedFileException} that names the file and the field, before
 * anything of the claimed size is allocated.
 *
 * <p>Not for: which tensor belongs to which layer (that is {@code org.lowrank.adapter.peft} for
 * adapters and {@code org.lowrank.model} for models). It belongs to no paper.
 */
package org.lowrank.adapter.safetensors;
