package org.lowrank.cli;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.lowrank.text.Prompting;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "generate",
        description = "Writes what a language model answers, as it comes.",
        mixinStandardHelpOptions = true)
final class GenerateCommand implements Callable<Integer> {

    @Mixin private WritingOptions writing;

    @Mixin private PromptOption prompt;

    @Parameters(
            paramLabel = "TEXT",
            arity = "0..*",
            description = "What is asked; all of the standard input if nothing is given.")
    private List<String> texts = List.of();

    @Override
    public Integer call() throws Exception {
        var asked = texts.isEmpty() ? List.of(standardInput()) : texts;
        var how = writing.how();
        try (var model = writing.open()) {
            var named = prompt.prompt().orElseGet(() -> Prompting.usual(model.tokenizer()));
            for (var text : asked) {
                var written = model.answer(named, text, how, WritingOptions.onto(System.out));
                WritingOptions.told(written, System.out);
            }
        }
        return 0;
    }

    private static String standardInput() {
        return new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
                .lines()
                .collect(Collectors.joining("\n"));
    }
}
