package org.lowrank.report.picture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MethodFiguresTest {

    private static final Path FOLDER = Path.of("../figures/method");

    static Stream<String> names() {
        return MethodFigures.all().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void theCommittedFileIsWhatIsDrawn(String name) throws Exception {
        assertEquals(
                MethodFigures.all().get(name),
                Files.readString(FOLDER.resolve(name + ".svg")),
                "draw them anew: environment/lowrank figures figures/method");
    }

    @ParameterizedTest
    @MethodSource("names")
    void aPictureIsWellFormedAndSaysWhatItShows(String name) throws Exception {
        var document =
                DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(FOLDER.resolve(name + ".svg").toFile());
        var title = document.getElementsByTagName("title").item(0).getTextContent();
        assertTrue(title.length() > 60, title);
    }
}
