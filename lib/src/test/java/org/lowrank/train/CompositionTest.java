package org.lowrank.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.BaseGradients;
import org.lowrank.adapter.Initializations;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.StartContext;
import org.lowrank.adapter.TinyMlp;
import org.lowrank.adapter.kind.AdaLora;
import org.lowrank.config.Choice;
import org.lowrank.optim.Optimizers;
import org.lowrank.optim.ParameterAdamW;

/**
 * Any layer kind with any start and any optimizer: two steps on a small model, or the reason why
 * not. Its table is committed; {@code -Dlowrank.update=true} writes it anew.
 */
class CompositionTest {

    private static final Path TABLE = Path.of("../figures/composition.md");
    private static final int STEPS = 2;

    private final List<String> reasons = new ArrayList<>();

    @Test
    void everyCombinationTakesStepsOrSaysWhyNotAsTheTableSays() throws IOException {
        var table = new StringBuilder(HEAD);
        var names =
                Optimizers.names().stream()
                        .filter(name -> !Optimizers.isOfThisSession(name))
                        .toList();
        try (var manager = NDManager.newBaseManager();
                var model = new TinyMlp(manager, 1, 5, 8, 6, 1);
                var gradients = gradients(model, manager)) {
            for (int i = 0; i < names.size(); i++) {
                table.append(i + 1).append(". `").append(names.get(i)).append("`: ");
                table.append(Optimizers.description(names.get(i))).append('\n');
            }
            table.append("\n| layer | start |");
            names.forEach(n -> table.append(' ').append(names.indexOf(n) + 1).append(" |"));
            table.append("\n|---|---|").append("---|".repeat(names.size())).append('\n');
            for (var kind : kinds().entrySet()) {
                for (var start : starts()) {
                    var config = kind.getValue().withInitialization(start);
                    table.append("| ").append(kind.getKey()).append(" | ").append(config.start());
                    table.append(" |");
                    for (var name : names) {
                        table.append(' ').append(cell(model, gradients, config, name)).append(" |");
                    }
                    table.append('\n');
                }
            }
        }
        for (int i = 0; i < reasons.size(); i++) {
            table.append("\n(").append(letter(i)).append(") ").append(reasons.get(i)).append('\n');
        }
        if (Boolean.getBoolean("lowrank.update")) {
            Files.createDirectories(TABLE.getParent());
            Files.writeString(TABLE, table);
        }
        assertEquals(Files.readString(TABLE), table.toString());
    }

    private static final String HEAD =
            """
            # What composes with what

            Each cell is two steps of training on a small model: `+` they were taken, everything
            stayed finite and the weight moved; a letter: refused, for the reason below. Columns are
            the optimizers by number. The test `CompositionTest` makes this table.

            """;

    private static BaseGradients gradients(TinyMlp model, NDManager manager) {
        var objective = new SpiralObjective(model, manager, 60, 10, 3);
        return BaseGradients.estimate(
                model, 2, (step, batch) -> objective.loss(step, 0, batch, 1).loss());
    }

    private static Map<String, LoraConfig> kinds() {
        var lora = LoraConfig.ofRank(2).withTargetModules("second");
        var kinds = new LinkedHashMap<String, LoraConfig>();
        kinds.put("lora", lora);
        kinds.put("rslora", lora.withRslora(true));
        kinds.put("dora", lora.withLayer("dora"));
        kinds.put("adalora", lora.withLayer(AdaLora.to(2, STEPS).choice()));
        return kinds;
    }

    private static List<Choice> starts() {
        var starts = new ArrayList<Choice>();
        for (var name : Initializations.registry().names()) {
            if (Initializations.registry().isOfThisSession(name)) {
                continue; // another test's
            }
            starts.add(new Choice(name, Map.of()));
            if (name.equals("pissa")) {
                starts.add(new Choice(name, Map.of("iterations", 4)));
            }
        }
        return starts;
    }

    private String cell(
            TinyMlp model, BaseGradients gradients, LoraConfig config, String optimizer) {
        var manager = model.manager();
        var context = new StartContext(7, STEPS, batches -> gradients);
        try (var set = AdapterSet.inject(model, config, context);
                var pairs = Optimizers.create(optimizer);
                var scratch = manager.newSubManager()) {
            boolean extras = !config.layer().equals("lora");
            var others = extras ? new ParameterAdamW(0) : null;
            var trained = new Trained(model, set, pairs, Map.of(), others);
            var objective = new SpiralObjective(model, manager, 60, 10, 3);
            var layer = model.linears().get("block.0.second");
            var adapter = set.adapters().get("block.0.second");
            var before = adapter.deltaWeight(layer, scratch);
            var settings = TrainingConfig.of(STEPS, 1e-3).withSchedule(Schedule.CONSTANT, 0);
            var result =
                    new TrainingLoop(trained, objective, Map::of, settings, 5, List.of()).run();
            if (others != null) {
                others.close();
            }
            if (result.status() != TrainingResult.Status.FINISHED) {
                return reason(result.message());
            }
            var moved = adapter.deltaWeight(layer, scratch).sub(before).abs().max().getDouble();
            assertTrue(moved > 0 && moved < 10, config + " " + optimizer + " moved " + moved);
            return "+";
        } catch (IllegalArgumentException | ArithmeticException e) {
            return reason(e.getMessage());
        }
    }

    private String reason(String message) {
        // one reason, whatever the module, the start and the settings of the optimizer
        var general =
                message.replaceAll("block\\.0\\.\\w+", "MODULE")
                        .replaceFirst("^\\S+[(\\[].*[)\\]] (cannot|keeps)", "the optimizer $1")
                        .replaceFirst("hold what .* puts", "hold what the start puts")
                        .replaceFirst("separation \\S+;", "separation 0;");
        if (!reasons.contains(general)) {
            reasons.add(general);
        }
        return letter(reasons.indexOf(general));
    }

    private static String letter(int index) {
        return String.valueOf((char) ('a' + index));
    }
}
