/**
 * The runs of a table on an Apache Spark cluster, one task a run: Spark schedules, tries again,
 * speculates and hands out resources; what a run leaves goes through Hadoop's file systems.
 *
 * <p>What runs on executors ({@link org.lowrank.spark.RunTask} and what it holds) needs Spark and
 * Hadoop alone: a run is a process of its own, with the library's class path and not Spark's.
 */
package org.lowrank.spark;
