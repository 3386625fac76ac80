package org.lowrank.task;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.lowrank.data.LabelledText;
import org.lowrank.data.LabelledTexts;
import org.lowrank.data.Provenance;
import org.lowrank.data.TaskData;
import org.lowrank.engine.Checksums;

/** Texts with classes that are at hand, as a source that cuts its own splits. */
record TextTable(List<String> texts, List<String> labels) implements TextSource {

    private static final double TESTED = 0.2;

    List<String> classes() {
        return List.copyOf(new TreeSet<>(labels));
    }

    String sha256() {
        var digest = Checksums.digest();
        for (int i = 0; i < texts.size(); i++) {
            var row = texts.get(i).length() + "\t" + texts.get(i) + "\t" + labels.get(i) + "\n";
            digest.update(row.getBytes(StandardCharsets.UTF_8));
        }
        return Checksums.hex(digest);
    }

    @Override
    public TaskData read(TaskConfig config) {
        var classes = classes();
        var rows = new ArrayList<LabelledText>();
        for (int i = 0; i < texts.size(); i++) {
            rows.add(LabelledText.of(texts.get(i), classes.indexOf(labels.get(i)), ""));
        }
        var name = config.name();
        var all = new LabelledTexts(name, rows, classes);
        var tested = all.part((int) Math.ceil(TESTED * all.size()), config.splitSeed());
        var rest = tested.rest();
        int held = TextSource.holdOut(config).rowsOf(rest.size());
        var parts = rest.part(held, config.splitSeed());
        return new TaskData(
                name,
                parts.rest().named(name + " train"),
                parts.taken().named(name + " validation"),
                tested.taken().named(name + " test"),
                new Provenance("rows of this session", "", "splits cut by the seed", Map.of()));
    }
}
