/**
 * Programs that a model wrote: HumanEval (Chen et al. 2021, arXiv 2107.03374) with its problems,
 * the verdict on each completion, pass@k without bias.
 *
 * <p>Such a program is run only where a person has said so, in a child process bounded in time,
 * memory, files and processes, without a network and unable to write outside a folder of its own
 * where the system allows that; the verdict says what it did not allow. A pass is proven by the
 * tests' end, never by an exit status or by what is printed.
 *
 * <p>Not for: the writing of the programs ({@code task.written}).
 *
 * <p>May import: {@code data.score}, and what it may.
 */
package org.lowrank.data.score.program;
