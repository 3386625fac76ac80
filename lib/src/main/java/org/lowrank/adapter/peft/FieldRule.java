package org.lowrank.adapter.peft;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.function.Predicate;
import org.lowrank.weights.MalformedFileException;

/** What a field of an {@code adapter_config.json} must be; absent and null always may be. */
enum FieldRule {
    FLAG("be true or false", JsonNode::isBoolean),
    POSITIVE("be a whole number of at least 1", n -> n.isInt() && n.intValue() >= 1),
    COUNT("be a whole number of at least 0", n -> n.isInt() && n.intValue() >= 0),
    NUMBER("be a finite number of at least 0", FieldRule::isNumber),
    TEXT("be text", JsonNode::isTextual),
    OBJECT("be an object", JsonNode::isObject),
    NAMES("be a list of names", JsonNode::isArray, "list names, but holds ", JsonNode::isTextual),
    FLAGS(
            "be a list of true and false",
            JsonNode::isArray,
            "hold true and false only, not ",
            JsonNode::isBoolean);

    private final String words;
    private final Predicate<JsonNode> holds;
    private final String wordsOfElement;
    private final Predicate<JsonNode> holdsForElement;

    FieldRule(String words, Predicate<JsonNode> holds) {
        this(words, holds, "", element -> true);
    }

    FieldRule(
            String words,
            Predicate<JsonNode> holds,
            String wordsOfElement,
            Predicate<JsonNode> holdsForElement) {
        this.words = words;
        this.holds = holds;
        this.wordsOfElement = wordsOfElement;
        this.holdsForElement = holdsForElement;
    }

    private static boolean isNumber(JsonNode value) {
        return value.isNumber() && Double.isFinite(value.doubleValue()) && value.doubleValue() >= 0;
    }

    void check(Path file, String field, JsonNode value) throws MalformedFileException {
        if (value.isMissingNode() || value.isNull()) {
            return;
        }
        if (!holds.test(value)) {
            throw refusal(file, field, words + ", not " + value);
        }
        for (var element : value) {
            if (!holdsForElement.test(element)) {
                throw refusal(file, field, wordsOfElement + element);
            }
        }
    }

    private static MalformedFileException refusal(Path file, String field, String must) {
        return new MalformedFileException(file, field, "must " + must);
    }
}
