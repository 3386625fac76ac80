package org.lowrank.task;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import java.util.TreeMap;
import org.lowrank.config.Choice;
import org.lowrank.config.Problems;

/**
 * The data of a run. Row limits of 0 mean all rows of the split, for the validation split a tenth
 * of the training rows, 2,000 at most.
 *
 * @param name for example {@code glue/cola}
 * @param trainRows rows taken for training, a fixed sample of the set
 * @param validationRows rows held out of the training data to choose the learning rate on, at most
 *     half of them
 * @param testRows rows of the test split
 * @param maxLength tokens of an input, longer ones are cut; how few make sense is the task's
 * @param splitSeed seed of the sample and of the held-out rows; the same for all methods
 * @param code fingerprint of a task that was registered in this session, its rows included; null,
 *     and absent in a record, for all others
 * @param options what the task takes beside these; absent in a record where it takes nothing
 */
public record TaskConfig(
        String name,
        Integer trainRows,
        Integer validationRows,
        Integer testRows,
        Integer maxLength,
        Long splitSeed,
        String code,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, Object> options) {

    public TaskConfig {
        name = name == null ? "" : name;
        trainRows = trainRows == null ? 0 : trainRows;
        validationRows = validationRows == null ? 0 : validationRows;
        testRows = testRows == null ? 0 : testRows;
        maxLength = maxLength == null ? 128 : maxLength;
        splitSeed = splitSeed == null ? 1L : splitSeed;
        options = options == null ? Map.of() : new TreeMap<>(options);
    }

    public TaskConfig(
            String name,
            Integer trainRows,
            Integer validationRows,
            Integer testRows,
            Integer maxLength,
            Long splitSeed) {
        this(name, trainRows, validationRows, testRows, maxLength, splitSeed, null, null);
    }

    /** The task by its name, with its options, as its registry takes it. */
    Choice choice() {
        return new Choice(name, options, code);
    }

    TaskConfig completed(Choice choice) {
        return new TaskConfig(
                name,
                trainRows,
                validationRows,
                testRows,
                maxLength,
                splitSeed,
                choice.code(),
                choice.options());
    }

    public void check(Problems problems) {
        problems.require(!name.isEmpty(), "task.name", "is missing");
        problems.atLeast("task.train_rows", trainRows, 0);
        problems.atLeast("task.validation_rows", validationRows, 0);
        problems.atLeast("task.test_rows", testRows, 0);
        problems.atLeast("task.max_length", maxLength, 1);
    }
}
