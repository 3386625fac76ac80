package org.lowrank.task.words;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.lowrank.task.TaskConfig;
import org.lowrank.task.Tasks;

class GlueAsTextTest {

    @Test
    void promptsAreChosenByNameOrGivenAsText() {
        var cola = (TextToText) Tasks.of(config("glue_text/cola", Map.of()));
        assertEquals(
                "classify the grammaticality of the text: {first}\nresult: ", cola.prompt().text());
        assertEquals(List.of("unacceptable", "acceptable"), cola.prompt().words());
        var mrpc = (TextToText) Tasks.of(config("glue_text/mrpc", Map.of("prompt", "lora_pro")));
        assertEquals("mrpc sentence1: {first} sentence2: {second}", mrpc.prompt().text());
        assertEquals(List.of("not_equivalent", "equivalent"), mrpc.prompt().words());
        var mnli = (TextToText) Tasks.of(config("glue_text/mnli", Map.of("prompt", "lora_pro")));
        assertEquals("mnli hypothesis: {second} premise: {first}", mnli.prompt().text());
        var own =
                (TextToText)
                        Tasks.of(
                                config(
                                        "glue_text/sst-2",
                                        Map.of("prompt", "{first} It was", "words", "bad, good")));
        assertEquals(List.of("bad", "good"), own.prompt().words());
        var refused =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> Tasks.of(config("glue_text/cola", Map.of("prompt", "lora"))));
        assertTrue(refused.getMessage().contains("[lora_ga, lora_pro]"), refused.getMessage());
    }

    private static TaskConfig config(String name, Map<String, Object> options) {
        return new TaskConfig(name, null, null, null, null, null, null, options);
    }
}
