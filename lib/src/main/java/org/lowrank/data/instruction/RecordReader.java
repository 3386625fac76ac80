package org.lowrank.data.instruction;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Makes instructions of records and collects what is wrong with them. */
class RecordReader {

    private static final Set<String> ROLES =
            Set.of("system", "developer", "user", "assistant", "tool", "function");

    /** ShareGPT's names of roles. */
    private static final Map<String, String> SPEAKERS =
            Map.of("human", "user", "gpt", "assistant", "chatgpt", "assistant");

    private final List<Instruction> instructions = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();
    private final Columns given;
    private String place = "line";
    private String form = "";
    private int firstLine;
    private boolean brokenAsAWhole;

    /**
     * @param given columns that were named, or null to find them
     */
    RecordReader(Columns given) {
        this.given = given;
    }

    List<Instruction> instructions() {
        return instructions;
    }

    List<String> faults() {
        return faults;
    }

    /** Whether something is wrong that is no single record's. */
    boolean isBrokenAsAWhole() {
        return brokenAsAWhole;
    }

    /**
     * Refuses a file with a fault.
     *
     * @param good the records that can be used
     */
    void requireSound(Path file, int good) throws DataFaultsException {
        if (!faults.isEmpty()) {
            throw new DataFaultsException(file, faults, good);
        }
    }

    /** What a record's place is called: line or row. */
    void places(String word) {
        place = word;
    }

    /** A fault of a record, or of the whole file at 0. */
    void fault(int line, String problem) {
        brokenAsAWhole |= line == 0;
        faults.add((line == 0 ? "" : place + " " + line + ": ") + problem);
    }

    void add(int line, Map<String, Object> record) {
        if (given == null && record.containsKey("conversations")) {
            form(line, "conversations");
            talk(line, turned(record.get("conversations")));
        } else if (given == null && record.containsKey(Columns.MESSAGES)) {
            form(line, Columns.MESSAGES);
            talk(line, record.get(Columns.MESSAGES));
        } else {
            pair(line, record);
        }
    }

    private void pair(int line, Map<String, Object> record) {
        var columns = given == null ? Columns.of(record).orElse(null) : given;
        if (columns == null) {
            columns = Columns.ofUnanswered(record.keySet()).orElse(null);
            if (columns == null) {
                fault(
                        line,
                        "no columns that are known, it has "
                                + record.keySet()
                                + "; known are messages, "
                                + Columns.KNOWN.stream()
                                        .map(c -> c.instruction() + "/" + c.answer())
                                        .toList());
                return;
            }
            var known = form.isEmpty() ? columns.answer() : form.substring(form.indexOf(", ") + 2);
            fault(line, "no answer: " + known + " is absent, it has " + record.keySet());
            return;
        }
        if (!form(line, columns.instruction() + ", " + columns.answer())) {
            return;
        }
        var instruction = text(line, record, columns.instruction(), true);
        var input = columns.input().isEmpty() ? "" : text(line, record, columns.input(), false);
        var answer = text(line, record, columns.answer(), true);
        if (instruction != null && input != null && answer != null) {
            instructions.add(Instruction.of(line, instruction, input, answer));
        }
    }

    /** All records of a file have one form; whether this one has it. */
    private boolean form(int line, String columns) {
        if (form.isEmpty()) {
            form = columns;
            firstLine = line;
        }
        if (!form.equals(columns)) {
            fault(line, "has " + columns + "; " + place + " " + firstLine + " had " + form);
            return false;
        }
        return true;
    }

    private String text(int line, Map<String, Object> record, String column, boolean needed) {
        var value = record.get(column);
        var problem =
                !record.containsKey(column)
                        ? "absent"
                        : value == null
                                ? "null"
                                : value instanceof Map || value instanceof List
                                        ? "no text"
                                        : value.toString().isBlank() ? "empty" : "";
        if (problem.isEmpty() || !needed && !problem.equals("no text")) {
            return problem.isEmpty() ? value.toString() : "";
        }
        var what =
                column.equals(form.substring(form.indexOf(", ") + 2))
                        ? "no answer: "
                        : "no prompt: ";
        fault(line, what + column + " is " + problem);
        return null;
    }

    private static Object turned(Object conversations) {
        if (!(conversations instanceof List<?> turns)) {
            return conversations;
        }
        var messages = new ArrayList<Object>();
        for (var turn : turns) {
            if (turn instanceof Map<?, ?> map && map.containsKey("from")) {
                var speaker = String.valueOf(map.get("from"));
                var message = new LinkedHashMap<String, Object>();
                message.put("role", SPEAKERS.getOrDefault(speaker, speaker));
                message.put("content", map.get("value"));
                messages.add(message);
            } else {
                messages.add(turn);
            }
        }
        return messages;
    }

    private void talk(int line, Object value) {
        if (!(value instanceof List<?> list) || list.isEmpty()) {
            fault(
                    line,
                    "no answer: the talk is "
                            + (value == null
                                    ? "null"
                                    : value instanceof List ? "empty" : "no list"));
            return;
        }
        var messages = new ArrayList<Map<String, Object>>();
        for (var item : list) {
            var problem = problem(item);
            if (!problem.isEmpty()) {
                fault(line, "message " + (messages.size() + 1) + " " + problem);
                return;
            }
            var message = new LinkedHashMap<String, Object>();
            ((Map<?, ?>) item)
                    .forEach(
                            (key, content) -> {
                                if (content != null || key.equals("content")) {
                                    message.put(key.toString(), content);
                                }
                            });
            messages.add(message);
        }
        var last = messages.get(messages.size() - 1);
        if (!last.get("role").equals("assistant")) {
            fault(
                    line,
                    "no answer: the last message is the "
                            + last.get("role")
                            + "'s, not the assistant's");
        } else if (last.get("content") == null || last.get("content").toString().isBlank()) {
            fault(
                    line,
                    "no answer: the last message's content is "
                            + (last.get("content") == null ? "null" : "empty"));
        } else {
            var asked = "";
            for (var message : messages) {
                asked =
                        message.get("role").equals("user")
                                ? String.valueOf(message.get("content"))
                                : asked;
            }
            instructions.add(
                    new Instruction(line, asked, "", last.get("content").toString(), messages));
        }
    }

    private static String problem(Object message) {
        if (!(message instanceof Map<?, ?> map)) {
            return "is no object with role and content";
        }
        if (!(map.get("role") instanceof String role) || !ROLES.contains(role)) {
            return "has the role "
                    + (map.get("role") instanceof String role ? "\"" + role + "\"" : "null")
                    + "; there are "
                    + new TreeSet<>(ROLES);
        }
        var content = map.get("content");
        boolean calls = map.get("tool_calls") != null;
        boolean text =
                content instanceof String || content == null && (calls || role.equals("assistant"));
        return text ? "" : "has " + (content == null ? "no content" : "a content that is no text");
    }
}
