package org.lowrank.cli;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "chat",
        description = "Talks with a language model: a line is asked, an empty line ends the talk.",
        mixinStandardHelpOptions = true)
final class ChatCommand implements Callable<Integer> {

    @Mixin private LanguageModel model;

    @Option(names = "--system", paramLabel = "TEXT", description = "What the model is told first.")
    private String system;

    @Override
    public Integer call() throws Exception {
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        model.open(
                writer -> {
                    var template = writer.tokenizer().chat();
                    var talk = new ArrayList<Map<String, Object>>();
                    if (system != null) {
                        talk.add(Map.of("role", "system", "content", system));
                    }
                    while (true) {
                        System.out.print("> ");
                        System.out.flush();
                        var line = lines.readLine();
                        if (line == null || line.isBlank()) {
                            return;
                        }
                        talk.add(Map.of("role", "user", "content", line));
                        var ids = writer.tokenizer().encodeUnframed(template.render(talk, true));
                        var answer = writer.answer(ids, System.out);
                        talk.add(Map.of("role", "assistant", "content", answer));
                    }
                });
        return 0;
    }
}
