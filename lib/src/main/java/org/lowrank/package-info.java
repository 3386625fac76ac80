/**
 * Low-rank adaptation (LoRA) of pretrained models: LoRA-Pro (arXiv 2407.18242), AltLoRA (arXiv
 * 2505.12455), the methods they are compared with, and their experiments.
 *
 * <p>What goes wrong with files, numbers, machines and people is met by kinds, each in one place:
 *
 * <table>
 *   <caption>Where a kind of failure is met, and what shows it</caption>
 *   <tr><th>kind</th><th>place</th><th>tests</th></tr>
 *   <tr><td>A cell's text is Java, and a value is shown by its content or not at all</td>
 *     <td>the kernel's {@code CellSource}, {@code ValueText}, {@code Redeclarations}</td>
 *     <td>{@code MagicSyntaxTest}, {@code ErrorReportTest}, {@code ValueTextTest}, {@code
 *     CellValueTest}, {@code MagicsTest}</td></tr>
 *   <tr><td>A file that is not what its name says</td>
 *     <td>{@code Impostor}</td><td>{@code ImpostorTest}, {@code MalformedFolderTest}</td></tr>
 *   <tr><td>Adapters as other tools write them</td>
 *     <td>{@code PeftKey}, {@code Unsupported}; pickles: {@code TorchPickle}</td>
 *     <td>{@code FilesOfOthersTest}, {@code TorchFileTest}, {@code PythonPeerTest}</td></tr>
 *   <tr><td>JSON documents</td>
 *     <td>{@code JsonDocument}, which words a fault by {@code JsonProblem}</td>
 *     <td>{@code JsonDocumentTest}, {@code SpecificationTest}</td></tr>
 *   <tr><td>Decimal commas, and names of files that run into each other</td>
 *     <td>{@code Machine}, {@code FileNames}; labels: {@code Grid}</td>
 *     <td>{@code LocaleTest}, {@code FileNamesTest}, {@code TwoTablesTest}</td></tr>
 *   <tr><td>A number that is none, and at which example</td>
 *     <td>{@code Objective}, asked by {@code TrainingLoop}; a row of norm 0: {@code DoraAdapter};
 *     a record without an answer: {@code Sampling}</td>
 *     <td>{@code AnswerObjectiveTest}, {@code ImageClassificationTest}, {@code LayerKindsTest},
 *     {@code SamplingTest}</td></tr>
 *   <tr><td>Data as published, or as people have them</td>
 *     <td>{@code TsvFile}; instructions: {@code RecordReader}, {@code InstructionFiles}</td>
 *     <td>{@code GlueSamplesTest}, {@code GlueFilesTest}, {@code InstructionFileTest}, {@code
 *     InstructionRunTest}</td></tr>
 *   <tr><td>A part of the accumulated batches is left at the end of an epoch</td>
 *     <td>{@code StepPlan}</td><td>{@code AccumulationTest}</td></tr>
 *   <tr><td>One bad record among good ones</td>
 *     <td>{@code RunFolder}, {@code RecordArchive}; what the file system says: {@code
 *     FileFault}</td>
 *     <td>{@code ResultTableTest}, {@code LowrankTest}, {@code FileFaultTest}</td></tr>
 *   <tr><td>Damage that nobody thought of</td>
 *     <td>every reader; the damage: {@code Mutants}</td>
 *     <td>{@code MutationTest}, {@code ReadersMutationTest}, {@code TokenizerMutationTest}, {@code
 *     CheckpointsTest}</td></tr>
 *   <tr><td>Killed, full disk, no right to write, clock set back, two at one table</td>
 *     <td>{@code AtomicFile}, {@code RunLock}, {@code Checkpoints}</td>
 *     <td>{@code KillSoakTest}, {@code KillAndResumeTest}, {@code TwoProcessesTest}, {@code
 *     DiskTest}, {@code ClockSetBackTest}</td></tr>
 *   <tr><td>More memory than there is</td>
 *     <td>{@code MemoryNeed}</td><td>{@code MemoryNeedTest}</td></tr>
 * </table>
 *
 * <p>How often these tests were run in their long forms, and what they counted, stands in {@code
 * figures/hard_to_break.md}.
 */
package org.lowrank;
