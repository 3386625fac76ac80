package org.lowrank.cli;

import java.util.Optional;
import picocli.CommandLine.Option;

/** How a model is asked. */
final class PromptOption {

    @Option(
            names = "--prompt",
            paramLabel = "NAME|TEXT",
            description =
                    "chat, plain, alpaca, llm_adapters, question, lora_ga, altlora, or a text with"
                            + " {instruction}; chat where the model has a chat template, else plain.")
    private String prompt;

    /** As was asked for; empty for what is usual. */
    Optional<String> prompt() {
        return Optional.ofNullable(prompt);
    }
}
