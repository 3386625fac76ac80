package org.lowrank.data.languagetool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuleExamplesTest {

    private static List<RuleExample> read(String xml) throws IOException {
        var bytes = xml.getBytes(StandardCharsets.UTF_8);
        return RuleExamples.read(new ByteArrayInputStream(bytes), "made.xml");
    }

    @Test
    void readsSpanCorrectionsAndRuleAndLeavesCommentsOut() throws IOException {
        var examples =
                read(
                        """
                        <!DOCTYPE rules [ <!ENTITY place "the <marker>sea</marker>"> <!ENTITY q '"'> ]>
                        <rules><category id="C">
                          <rule id="ALONE"><pattern><token>x</token></pattern>
                            <example correction="goes|went">She <marker>go</marker> home.</example>
                            <!-- <example correction="a">Never <marker>seen</marker>.</example> -->
                            <example>She goes &q;home&q; &amp; rests.</example>
                          </rule>
                          <rulegroup id="GROUP">
                            <antipattern><example>Left alone.</example></antipattern>
                            <rule id="INNER"><example correction="">By &place;.</example></rule>
                          </rulegroup>
                        </category></rules>
                        """);
        assertEquals(
                List.of(
                        new RuleExample("ALONE", "She ", "go", " home.", Optional.of("goes|went")),
                        new RuleExample(
                                "ALONE", "She goes \"home\" & rests.", "", "", Optional.empty()),
                        new RuleExample("GROUP", "Left alone.", "", "", Optional.empty()),
                        new RuleExample("GROUP", "By the ", "sea", ".", Optional.of(""))),
                examples);
        assertEquals("She goes home.", examples.get(0).corrected());
        assertEquals("By the .", examples.get(3).corrected());
        assertTrue(examples.get(3).isWrong());
        assertFalse(examples.get(1).isWrong());
    }

    @Test
    void nothingOutsideTheFileIsRead(@TempDir Path folder) throws IOException {
        var secret = Files.writeString(folder.resolve("secret.txt"), "secret words");
        var rules = "<rules><rule id=\"R\"><example>Say &e;</example></rule></rules>";
        var entity = "<!DOCTYPE rules [ <!ENTITY e SYSTEM \"" + secret.toUri() + "\"> ]>" + rules;
        var error = assertThrows(IOException.class, () -> read(entity));
        assertTrue(error.getMessage().contains("nothing outside it is read"), error.getMessage());
        var dtd = "<!DOCTYPE rules SYSTEM \"" + secret.toUri() + "\">" + rules;
        error = assertThrows(IOException.class, () -> read(dtd));
        assertTrue(error.getMessage().startsWith("made.xml"), error.getMessage());
    }

    @Test
    void entitiesThatMultiplyAreStopped() {
        var xml = new StringBuilder("<!DOCTYPE rules [ <!ENTITY e0 \"0123456789\">");
        for (var i = 1; i < 12; i++) {
            xml.append("<!ENTITY e" + i + " \"" + ("&e" + (i - 1) + ";").repeat(10) + "\">");
        }
        xml.append("]><rules><rule id=\"R\"><example>&e11;</example></rule></rules>");
        var error = assertThrows(IOException.class, () -> read(xml.toString()));
        assertTrue(error.getMessage().startsWith("made.xml, line 1"), error.getMessage());
    }

    @Test
    void aBrokenFileIsNamedWithItsLine() {
        var error =
                assertThrows(
                        IOException.class,
                        () -> read("<rules>\n<rule id=\"R\">\n<example>cut off"));
        assertTrue(error.getMessage().startsWith("made.xml, line 3: not readable as XML"));
        error = assertThrows(IOException.class, () -> read("<html/>"));
        assertTrue(error.getMessage().contains("no <example> within a <rule>"));
        var two =
                "<rules><rule id=\"R\"><example correction=\"x\"><marker>a</marker>b<marker>c</marker></example>"
                        + "</rule></rules>";
        error = assertThrows(IOException.class, () -> read(two));
        assertTrue(
                error.getMessage().contains("line 1: a wrong example has more than one <marker>"));
    }
}
