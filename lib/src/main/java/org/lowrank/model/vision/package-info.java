/**
 * Models of pictures: ViT, DINOv2, CLIP and the residual networks for CIFAR-10; one family a class,
 * found as all families are.
 *
 * <p>Not for: the preparation of pictures ({@code data.image}).
 *
 * <p>May import: {@code model}, and what it may.
 */
package org.lowrank.model.vision;
