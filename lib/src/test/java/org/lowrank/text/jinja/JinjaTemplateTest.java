package org.lowrank.text.jinja;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lowrank.config.Json;
import org.lowrank.golden.GoldenFiles;

/** Templates against what jinja2 makes of them: the same text, or a refusal with its line. */
class JinjaTemplateTest {

    private static final LocalDateTime NOW = LocalDateTime.of(2026, 3, 4, 5, 6, 7);

    private static String render(String source, Map<String, ?> values) {
        return JinjaTemplate.read("t.jinja", source).render(values, NOW).text();
    }

    private static String refusal(String source) {
        return assertThrows(TemplateException.class, () -> render(source, Map.of())).getMessage();
    }

    @Test
    void everyPublishedTextIsMatchedOrItsFeatureRefusedByName() {
        var golden = GoldenFiles.resource("jinja.json");
        var values =
                Json.mapper()
                        .convertValue(
                                golden.get("values"), new TypeReference<Map<String, Object>>() {});
        int same = 0;
        var refused = new ArrayList<String>();
        for (var pair : golden.get("cases")) {
            var template = pair.get(0).asText();
            try {
                var text = render(template, values);
                assertEquals(pair.get(1).textValue(), text, template);
                same++;
            } catch (TemplateException e) {
                if (!pair.get(1).isNull()) {
                    var known =
                            e.getMessage()
                                            .matches(
                                                    "t.jinja, line 1: .*(not built|no % of|more than 0).*")
                                    || template.contains("varargs");
                    assertTrue(known, template + ": " + e.getMessage());
                    refused.add(template);
                }
            }
        }
        assertTrue(same > 530, same + " texts are the same");
        assertTrue(refused.size() < 25, refused.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a\\n{% include 'b' %}     | line 2: the tag 'include' is not built",
                "{% trans %}x             | line 1: the tag 'trans' is not built",
                "\\n\\n{{ 1 && 2 }}        | line 3: the character & is not expected",
                "{{ 'a' ^ shout }}        | the character ^",
                "{{ nothing.at_all }}     | line 1: 'nothing' is undefined",
                "{{ nothing() }}          | 'nothing' is undefined",
                "{{ 'a'.clone() }}        | 'str object' has no attribute 'clone'",
                "{% if true %}x           | line 1: expected endif",
                "{{ [1].append(2) }}      | append() would change its value",
                "{{ 'a' + 1 }}            | no + of str and int",
                "{% for x in 5 %}{% endfor %} | 'int' is not iterable",
            })
    void aFaultIsNamedWithItsLine(String source, String expected) {
        var message = refusal(source.replace("\\n", "\n"));
        assertTrue(message.startsWith("t.jinja, line "), message);
        assertTrue(message.contains(expected), message);
    }

    @Test
    void thereIsNoWayToAJavaObject() {
        for (var name : List.of("class", "getClass", "__class__", "length", "bytes", "chars")) {
            assertEquals("", render("{{ 'a'." + name + " }}", Map.of()));
            assertEquals("", render("{{ m." + name + " }}", Map.of("m", Map.of("a", 1))));
            assertEquals("", render("{{ 'a'|attr('" + name + "') }}", Map.of()));
        }
        assertThrows(IllegalArgumentException.class, () -> render("x", Map.of("a", new Object())));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
                "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
                "{{ range(99999999) }}",
                "{{ 'x' * 999999999 }}",
                "{{ ('x' * 9999999) * 9999999 }}",
                "{{ [0] * 999999999 }}",
                "{{ 9 ** 9 ** 9 }}",
                "{% set ns = namespace(a='x') %}{% for i in range(99) %}{% set ns.a = ns.a ~ ns.a %}{% endfor %}",
                "{{ 'x'.ljust(999999999) }}",
            })
    void whatDoesNotEndIsStopped(String source) {
        assertTimeoutPreemptively(
                Duration.ofSeconds(10),
                () -> assertThrows(TemplateException.class, () -> render(source, Map.of())));
    }

    @Test
    void deepNestingIsRefused() {
        for (var source :
                List.of(
                        "{{ " + "(".repeat(5000) + "1" + ")".repeat(5000) + " }}",
                        "{{ " + "[".repeat(5000),
                        "{{ " + "-".repeat(5000) + "1 }}",
                        "{{ " + "not ".repeat(5000) + "1 }}",
                        "{% if true %}".repeat(5000),
                        "{{ 1" + " if 1 else 1".repeat(5000) + " }}")) {
            assertThrows(TemplateException.class, () -> render(source, Map.of()));
        }
    }

    @Test
    void mutilatedTemplatesEndInARefusalOrAText() {
        var golden = GoldenFiles.resource("jinja.json").get("cases");
        var random = new Random(7);
        int refused = 0;
        for (int i = 0; i < 3000; i++) {
            var text = new StringBuilder(golden.get(random.nextInt(golden.size())).get(0).asText());
            for (int change = 0; change < 3 && text.length() > 2; change++) {
                int at = random.nextInt(text.length());
                if (random.nextBoolean()) {
                    text.deleteCharAt(at);
                } else {
                    text.insert(at, "{}%#()[]'\"|.,:-+*/~=<> axif".charAt(random.nextInt(27)));
                }
            }
            try {
                render(text.toString(), Map.of("messages", List.of(Map.of("role", "user"))));
            } catch (TemplateException e) {
                refused++;
                assertTrue(
                        e.getMessage().contains("line ") || text.indexOf("raise_exception") > 0,
                        text + ": " + e.getMessage());
            }
        }
        assertTrue(refused > 300);
    }

    @Test
    void theClockWritesEnglishDates() {
        assertEquals(
                "04 Mar 2026, 5:06 AM, Wednesday 100%",
                render("{{ strftime_now('%d %b %Y, %-I:%M %p, %A 100%%') }}", Map.of()));
    }

    @Test
    void whatTheModelWroteIsKnownByItsPlace() {
        var rendered =
                JinjaTemplate.read(
                                "t",
                                "{% for m in messages %}<{% generation %}{{ m }}{% endgeneration %}>"
                                        + "{% endfor %}")
                        .render(Map.of("messages", List.of("ab", "", "c")), NOW);
        assertEquals("<ab><><c>", rendered.text());
        assertArrayEquals(new int[] {1, 3, 7, 8}, rendered.spans());
    }
}
