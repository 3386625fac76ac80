package org.lowrank.task.written;

import java.util.List;
import java.util.Optional;
import org.lowrank.data.instruction.Instruction;
import org.lowrank.data.instruction.Sampling;
import org.lowrank.data.score.AnswerLikelihood;
import org.lowrank.model.generate.LanguageModel;
import org.lowrank.task.instruction.AnswerReader;
import org.lowrank.text.PromptTemplate;
import org.lowrank.text.Prompting;

/**
 * Questions with reference answers, as a model is asked them.
 *
 * @param name of the set
 * @param records a question and its reference each
 */
record Questions(String name, List<Instruction> records, Sampling sampling, LanguageModel model) {

    /** Asked by the name of a prompt, see {@link Prompting}. */
    static Questions of(
            String name, List<Instruction> records, String prompt, LanguageModel model) {
        if (!prompt.equals(Prompting.CHAT)) {
            return of(name, records, Prompting.template(prompt), model);
        }
        var talks = records.stream().map(Instruction::asTalk).toList();
        var sampling =
                new Sampling(
                        PromptTemplate.PLAIN,
                        model.tokenizer().chat(),
                        Sampling.Loss.ANSWER,
                        Sampling.TooLong.LEAVE_OUT,
                        model.network().positions());
        return new Questions(name, talks, sampling, model);
    }

    /** Asked in the words of a template. */
    static Questions of(
            String name, List<Instruction> records, PromptTemplate template, LanguageModel model) {
        return new Questions(
                name, records, Sampling.of(template, model.network().positions()), model);
    }

    List<int[]> prompts() {
        return records.stream().map(r -> sampling.prompt(r, model.tokenizer())).toList();
    }

    /** Of the reference answers; those that the model has no room for are left out. */
    Optional<AnswerLikelihood> likelihood() {
        var samples = sampling.of(name, records, model.tokenizer()).list();
        if (samples.isEmpty()) {
            return Optional.empty();
        }
        var reader = new AnswerReader(model.network(), model.tokenizer());
        return Optional.of(AnswerLikelihood.of(reader.likelihoods(samples)));
    }
}
