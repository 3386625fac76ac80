package org.lowrank.cli;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.lowrank.task.InstructionTuning;
import org.lowrank.text.PromptTemplate;
import org.lowrank.text.TextTokenizer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "generate",
        description = "Writes what a language model answers, as it comes.",
        mixinStandardHelpOptions = true)
final class GenerateCommand implements Callable<Integer> {

    @Mixin private LanguageModel model;

    @Parameters(
            paramLabel = "TEXT",
            arity = "0..*",
            description = "What is asked; all of the standard input if nothing is given.")
    private List<String> texts = List.of();

    @Option(
            names = "--prompt",
            paramLabel = "NAME|TEXT",
            description =
                    "chat, plain, alpaca, llm_adapters, question, or a text with {instruction};"
                            + " chat where the model has a chat template, else plain.")
    private String prompt;

    @Override
    public Integer call() throws Exception {
        var asked = texts.isEmpty() ? List.of(standardInput()) : texts;
        model.open(
                writer -> {
                    for (var text : asked) {
                        writer.answer(prompt(text, writer.tokenizer()), System.out);
                    }
                });
        return 0;
    }

    private int[] prompt(String text, TextTokenizer tokenizer) {
        var named =
                prompt != null
                        ? prompt
                        : tokenizer.chatTemplate("default").isPresent()
                                ? InstructionTuning.CHAT
                                : PromptTemplate.PLAIN.name();
        if (named.equals(InstructionTuning.CHAT)) {
            var talk = List.of(Map.of("role", "user", "content", text));
            return tokenizer.encodeUnframed(tokenizer.chat().render(talk, true));
        }
        return tokenizer.encode(InstructionTuning.template(named).prompt(text, ""));
    }

    private static String standardInput() {
        return new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
                .lines()
                .collect(Collectors.joining("\n"));
    }
}
