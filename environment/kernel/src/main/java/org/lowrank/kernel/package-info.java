/**
 * An IJava-compatible Java kernel for Jupyter notebooks, on IJava's own base library and the JDK's
 * JShell.
 *
 * <p>What is here: the Jupyter side ({@link org.lowrank.kernel.JavaKernel}), the evaluation of
 * cells ({@link org.lowrank.kernel.CellEvaluator}), the functions that every cell can call ({@link
 * org.lowrank.kernel.Notebook}), the magics, and the way errors, tables and charts look.
 *
 * <p>What is not: anything about low-rank adaptation. The kernel knows Tablesaw tables and XChart
 * charts by name only; they come with the notebook's own class path. It is not IJava, and a
 * notebook must not need more than IJava offers.
 */
package org.lowrank.kernel;
