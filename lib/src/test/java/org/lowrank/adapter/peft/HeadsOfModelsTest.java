package org.lowrank.adapter.peft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.model.Bert;
import org.lowrank.model.BertConfig;
import org.lowrank.model.head.Pooling;
import org.lowrank.model.head.SentenceClassifier;
import org.lowrank.weights.SafetensorsFile;

/**
 * The layout that PEFT finds the modules by: in a model of transformers the body of an encoder has
 * a name, and the head stands beside it.
 */
class HeadsOfModelsTest {

    private static final BertConfig TINY = new BertConfig(30, 12, 2, 8, 16, 2, 1, 0);

    @TempDir private Path folder;

    private Set<String> beginnings() throws IOException {
        var beginnings = new TreeSet<String>();
        try (var source = SafetensorsFile.open(folder.resolve(PeftAdapter.WEIGHTS))) {
            for (var name : source.names()) {
                assertTrue(name.startsWith(PeftKey.PREFIX), name);
                var rest = name.substring(PeftKey.PREFIX.length());
                beginnings.add(rest.substring(0, rest.indexOf('.')));
            }
        }
        return beginnings;
    }

    @Test
    void aClassifiersAdaptersStandUnderTheBodyAndItsHeadBeside() throws IOException {
        try (var manager = NDManager.newBaseManager()) {
            var config = LoraConfig.ofRank(2).withTargetModules("query");
            var bert = Bert.random(TINY, 1, manager);
            var model = SentenceClassifier.on(bert, Pooling.CLS, 2, 0, 1);
            try (var set = AdapterSet.inject(model, config, 1)) {
                PeftAdapter.save(folder, set, "classifier");
            }
            assertEquals(Set.of("bert", "classifier"), beginnings());
            try (var set = PeftAdapter.load(folder, model)) {
                PeftAdapter.save(folder, set);
            }
            assertEquals(Set.of("bert", "classifier"), beginnings());
        }
    }

    @Test
    void aBareEncodersAdaptersStandAtTheRootUntilAHeadStandsBesideThem() throws IOException {
        try (var manager = NDManager.newBaseManager()) {
            var config = LoraConfig.ofRank(2).withTargetModules("query");
            try (var set = AdapterSet.inject(Bert.random(TINY, 1, manager), config, 1)) {
                PeftAdapter.save(folder, set);
            }
            assertEquals(Set.of("encoder"), beginnings());
            var bert = Bert.random(TINY, 1, manager);
            var model = SentenceClassifier.on(bert, Pooling.CLS, 2, 0, 1);
            try (var set = PeftAdapter.load(folder, model)) {
                PeftAdapter.save(folder, set);
                assertEquals(Set.of("encoder"), beginnings());
                PeftAdapter.save(folder, set, "classifier");
                assertEquals(Set.of("bert", "classifier"), beginnings());
            }
        }
    }
}
