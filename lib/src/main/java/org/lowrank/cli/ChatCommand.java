package org.lowrank.cli;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "chat",
        description = "Talks with a language model: a line is asked, an empty line ends the talk.",
        mixinStandardHelpOptions = true)
final class ChatCommand implements Callable<Integer> {

    @Mixin private WritingOptions writing;

    @Option(names = "--system", paramLabel = "TEXT", description = "What the model is told first.")
    private String system;

    @Override
    public Integer call() throws Exception {
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        var how = writing.how();
        try (var model = writing.open()) {
            var talk = model.talk(system);
            while (true) {
                System.out.print("> ");
                System.out.flush();
                var line = lines.readLine();
                if (line == null || line.isBlank()) {
                    return 0;
                }
                var written = talk.say(line, how, WritingOptions.onto(System.out));
                WritingOptions.told(written, System.out);
            }
        }
    }
}
