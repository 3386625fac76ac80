/**
 * Float64 algebra on the r x r matrices of an adapter: Gram matrices, their inverses and spectra,
 * and the Sylvester equation AX + XB = C.
 *
 * <p>It serves LoRA-Pro (section 2: the free matrix X), AltLoRA (section 3: the preconditioners)
 * and LoRA-RITE (the roots of the Gram matrices). Everything here is small and dense and runs on
 * the host. It is not for arrays of an engine, and knows no layer, gradient or optimizer.
 *
 * <p>Nothing falls back in silence: a solver states its outcome, an inverse that does not exist is
 * an error that names the matrix and the remedy.
 *
 * <p>May import: no other room.
 */
package org.lowrank.linalg;
