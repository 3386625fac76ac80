package org.lowrank.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OptionTest {

    enum Order {
        A_FIRST,
        JOINT
    }

    private static final Option<Double> BETA =
            Option.number("beta", 0.9, "in [0, 1)", v -> v >= 0 && v < 1, "decay of the moment");
    private static final Option<Integer> BATCHES =
            Option.whole("batches", 1, "1 or more", v -> v >= 1, "batches of the estimate");
    private static final Option<Boolean> ALIGNED = Option.flag("aligned", true, "aligns it");
    private static final Option<Order> ORDER =
            Option.choice("order", Order.A_FIRST, Order.class, "which factor moves");
    private static final List<Option<?>> ALL = List.of(BETA, BATCHES, ALIGNED, ORDER);

    private final Registry<String> registry = new Registry<>("method");

    OptionTest() {
        registry.register(
                "mine",
                "a method",
                ALL,
                o ->
                        o.get(BETA)
                                + " "
                                + o.get(BATCHES)
                                + " "
                                + o.get(ALIGNED)
                                + " "
                                + o.get(ORDER));
        registry.register("bare", "without options", List.of(), o -> "bare " + o.get(BETA));
    }

    private List<String> problems(Choice choice) {
        var problems = new Problems("");
        registry.check(choice, "optimizer", problems);
        return problems.list();
    }

    private String refusal(Map<String, Object> options) {
        return assertThrows(
                        IllegalArgumentException.class,
                        () -> registry.create(new Choice("mine", options)))
                .getMessage();
    }

    @Test
    void valuesAreReadAsTablesAndProgramsWriteThem() {
        assertEquals("0.9 1 true A_FIRST", registry.create("mine"));
        var given =
                Map.<String, Object>of(
                        "beta", 0, "batches", 3L, "aligned", false, "order", "joint");
        assertEquals("0.0 3 false JOINT", registry.create(new Choice("mine", given)));
        assertEquals(
                "0.9 1 true JOINT",
                registry.create(new Choice("mine", Map.of("order", Order.JOINT))));
        assertEquals(List.of(), problems(new Choice("mine", given)));
    }

    @Test
    void anotherDefaultKeepsTheName() {
        registry.register(
                "late",
                "",
                Option.all(ALL, List.of(BETA.unset(0.5))),
                o -> o.get(BETA) + " " + o.writtenOut() + " " + o);
        assertEquals(
                "0.5 {beta=0.5, batches=1, aligned=true, order=A_FIRST}"
                        + " beta=0.5, batches=1, aligned=true, order=A_FIRST",
                registry.create("late"));
        assertThrows(
                IllegalArgumentException.class,
                () -> Option.all(ALL, List.of(Option.flag("beta", true, ""))));
        assertThrows(IllegalArgumentException.class, () -> BETA.unset(1.0));
    }

    @Test
    void whatIsWrongIsSaidWithWhatIsAllowed() {
        assertEquals("mine: beta must be in [0, 1), but it is 1", refusal(Map.of("beta", 1)));
        assertEquals(
                "mine: 'beta' must be a number, but it is high", refusal(Map.of("beta", "high")));
        assertEquals(
                "mine: 'batches' must be a whole number, but it is 2.0",
                refusal(Map.of("batches", 2.0)));
        assertEquals(
                "mine: 'order' must be one of [A_FIRST, JOINT], but it is b",
                refusal(Map.of("order", "b")));
        assertTrue(refusal(Map.of("beta", Double.NaN)).contains("in [0, 1), but it is NaN"));
        var unknown = refusal(Map.of("lr", 1));
        assertTrue(unknown.contains("'lr'") && unknown.contains("beta=0.9"), unknown);
        assertEquals(
                List.of("optimizer.name is \"nine\"; allowed: mine, bare"),
                problems(new Choice("nine", null)));
        assertEquals(
                List.of(
                        "optimizer.options: batches must be 1 or more, but it is 0",
                        "optimizer.options.lr is not an option of mine; allowed: beta, batches,"
                                + " aligned, order"),
                problems(new Choice("mine", Map.of("lr", 1, "batches", 0))));
        var undeclared =
                assertThrows(IllegalArgumentException.class, () -> registry.create("bare"));
        assertTrue(undeclared.getMessage().contains("without the option 'beta'"));
        var none = assertThrows(IllegalArgumentException.class, () -> registry.create("nine"));
        assertEquals("there is no method 'nine'; known are [mine, bare]", none.getMessage());
    }

    @Test
    void aCompletedChoiceHoldsEveryDefaultAndTheCode() throws Exception {
        var complete = registry.complete(new Choice("mine", Map.of("beta", 0.5)));
        assertEquals(
                Map.of("beta", 0.5, "batches", 1, "aligned", true, "order", "A_FIRST"),
                complete.options());
        assertTrue(registry.isOfThisSession("mine"));
        assertEquals(CodeFingerprint.of(OptionTest.class), complete.code());
        assertEquals("0.5 1 true A_FIRST", registry.create(complete));
        var old = new Choice("mine", Map.of(), "0123456789abcdef");
        var changed = assertThrows(IllegalArgumentException.class, () -> registry.create(old));
        assertTrue(changed.getMessage().contains("plan it again"), changed.getMessage());

        var json = Json.line(complete);
        assertEquals(complete, Json.mapper().readValue(json, Choice.class));
        assertFalse(Json.line(new Choice("adamw", Map.of())).contains("code"));
    }

    @Test
    void aNameOfASessionCanBeReplacedAndOneOfAJarCannot() {
        registry.register("mine", "another", List.of(), o -> "other");
        assertEquals("other", registry.create("mine"));
        assertEquals(Set.of("mine", "bare"), registry.names());
        var own = TestExtension.NAMES;
        assertEquals("of a jar", own.create("jar"));
        assertFalse(own.isOfThisSession("jar"));
        assertEquals(null, own.complete(new Choice("jar", Map.of())).code());
        var taken =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> own.register("jar", "", List.of(), o -> ""));
        assertEquals(
                "there is an example 'jar' already (a name from outside); choose another name",
                taken.getMessage());
        assertTrue(
                Extensions.classPath().stream().anyMatch(p -> p.toString().contains("test")),
                Extensions.classPath().toString());
    }

    @Test
    void helpHasALineForEachOption() {
        var help = registry.help("mine").lines().toList();
        assertEquals("mine: a method", help.get(0));
        assertEquals(5, help.size());
        assertTrue(
                help.get(1).matches(" +beta +0.9 +decay of the moment \\(in \\[0, 1\\)\\)"),
                help.get(1));
    }
}
