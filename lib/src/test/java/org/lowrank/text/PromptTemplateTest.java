package org.lowrank.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The words around an instruction. */
class PromptTemplateTest {

    @Test
    void alpacaHasTwoForms() {
        assertEquals(
                "Below is an instruction that describes a task. Write a response that appropriately"
                        + " completes the request.\n\n### Instruction:\nAdd.\n\n### Response:",
                PromptTemplate.ALPACA.prompt("Add.", ""));
        assertTrue(
                PromptTemplate.ALPACA.prompt("Add.", "2, 3").contains("\n\n### Input:\n2, 3\n\n"));
        assertEquals(" ", PromptTemplate.ALPACA.between());
    }

    @Test
    void llmAdaptersKeepsTheBlanksOfItsSource() {
        var blanks = " ".repeat(16);
        assertEquals(
                "Below is an instruction that describes a task. Write a response that appropriately"
                        + " completes the request.  \n\n"
                        + blanks
                        + "### Instruction:\n"
                        + blanks
                        + "Add.\n"
                        + blanks
                        + "\n"
                        + blanks
                        + "### Response:\n"
                        + blanks,
                PromptTemplate.LLM_ADAPTERS.prompt("Add.", ""));
        assertTrue(
                PromptTemplate.LLM_ADAPTERS
                        .prompt("Add.", "2")
                        .contains("request. \n\n" + blanks + "### Instruction:"));
    }

    @Test
    void loraGaEndsInTheBlankOfItsPromptAndTheOneBeforeTheAnswer() {
        var words = PromptTemplate.named("lora_ga");
        assertEquals("Q: 2 + 2?\nA:  ", words.prompt("2 + 2?", ""));
        assertEquals("Q: How many?\nA dozen.\nA:  ", words.prompt("How many?", "A dozen."));
        assertEquals("", words.between());
    }

    @Test
    void altLorasScriptPutsAMarkBetweenQuestionAndAnswer() {
        var words = PromptTemplate.named("altlora");
        assertEquals("Question: 2 + 2? </s> Answer: ", words.prompt("2 + 2?", ""));
        assertEquals("", words.between());
    }

    @Test
    void bracesAndDollarsInARecordStayAsTheyAre() {
        assertEquals(
                "Q {input} $1 \\n",
                PromptTemplate.of("Q {instruction}").prompt("{input} $1 \\n", ""));
    }

    @Test
    void aTemplateOfOnesOwnNeedsAPlaceForTheInstruction() {
        assertThrows(IllegalArgumentException.class, () -> PromptTemplate.of("Q:"));
        var error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> PromptTemplate.of("{instruction} {answer}"));
        assertTrue(error.getMessage().contains("{answer}"), error.getMessage());
        error = assertThrows(IllegalArgumentException.class, () -> PromptTemplate.named("x"));
        assertTrue(error.getMessage().contains("llm_adapters"), error.getMessage());
    }
}
