/**
 * MT-bench (Zheng et al. 2023, arXiv 2306.05685): questions, answers and judgments in FastChat's
 * file formats, and a judge behind any address that speaks OpenAI's chat protocol. Both papers
 * report the first turn, judged by GPT-4 (LoRA-Pro) or GPT-4o (AltLoRA).
 *
 * <p>Nothing is sent anywhere but to the address that the user gives.
 *
 * <p>Not for: the writing of the answers ({@code task.written}).
 *
 * <p>May import: {@code data.score}, and what it may.
 */
package org.lowrank.data.score.judge;
