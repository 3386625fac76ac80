package org.lowrank.data.languagetool;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Reads the {@code <example>} elements of a LanguageTool rule file, those in comments left out.
 *
 * <p>The reader is safe for files from elsewhere: entities that the file's own DOCTYPE declares are
 * resolved within fixed limits, and a reference to anything outside the file is refused.
 */
public final class RuleExamples {

    private static final Set<String> HOLDERS = Set.of("rulegroup", "rule");

    private final XMLStreamReader xml;
    private final String name;
    private final Deque<String> ids = new ArrayDeque<>();
    private final List<RuleExample> found = new ArrayList<>();

    private RuleExamples(XMLStreamReader xml, String name) {
        this.xml = xml;
        this.name = name;
    }

    /**
     * All examples in the order of the file.
     *
     * @param name what error messages call the file
     * @throws IOException if the file is not well-formed, refers to something outside itself, or
     *     holds no example; the message names file and line
     */
    public static List<RuleExample> read(InputStream in, String name) throws IOException {
        try {
            var xml = safeFactory().createXMLStreamReader(in);
            try {
                return new RuleExamples(xml, name).read();
            } finally {
                xml.close();
            }
        } catch (XMLStreamException e) {
            var at = e.getLocation();
            var line = at == null ? "" : ", line " + at.getLineNumber();
            throw new IOException(name + line + ": not readable as XML: " + e.getMessage(), e);
        }
    }

    private static XMLInputFactory safeFactory() {
        var factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, true);
        factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, true);
        // Supported and then refused: an unsupported external entity would vanish without a word.
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, true);
        factory.setXMLResolver(
                (publicId, systemId, base, namespace) -> {
                    throw new XMLStreamException(
                            "it refers to '" + systemId + "', and nothing outside it is read");
                });
        // Stated, as they differ between Java versions; the file of LanguageTool 6.6 needs 1.4e6.
        factory.setProperty("jdk.xml.entityExpansionLimit", "64000");
        factory.setProperty("jdk.xml.totalEntitySizeLimit", "50000000");
        factory.setProperty("jdk.xml.maxGeneralEntitySizeLimit", "1000000");
        return factory;
    }

    private List<RuleExample> read() throws XMLStreamException, IOException {
        while (xml.hasNext()) {
            var event = xml.next();
            if (event == XMLStreamConstants.START_ELEMENT) {
                start(xml.getLocalName());
            } else if (event == XMLStreamConstants.END_ELEMENT
                    && HOLDERS.contains(xml.getLocalName())) {
                ids.pop();
            }
        }
        if (found.isEmpty()) {
            throw new IOException(
                    name + ": no <example> within a <rule>; is it a LanguageTool rule file?");
        }
        return List.copyOf(found);
    }

    private void start(String element) throws XMLStreamException, IOException {
        if (HOLDERS.contains(element)) {
            var id = xml.getAttributeValue(null, "id");
            // A rule within a group counts as the group: its siblings have much the same sentences.
            ids.push(!ids.isEmpty() ? ids.peek() : id == null ? "" : id);
        } else if (element.equals("example") && !ids.isEmpty()) {
            found.add(example());
        }
    }

    private RuleExample example() throws XMLStreamException, IOException {
        var corrections = Optional.ofNullable(xml.getAttributeValue(null, "correction"));
        var line = xml.getLocation().getLineNumber();
        var parts = List.of(new StringBuilder(), new StringBuilder(), new StringBuilder());
        var part = 0;
        for (var event = xml.next(); !isEnd(event, "example"); event = xml.next()) {
            if (xml.isStartElement() && xml.getLocalName().equals("marker")) {
                part++;
            } else if (isEnd(event, "marker")) {
                part++;
            } else if (xml.isCharacters()) {
                parts.get(Math.min(part, 2)).append(xml.getText());
            }
        }
        if (part > 2 && corrections.isPresent()) {
            throw new IOException(
                    name + ", line " + line + ": a wrong example has more than one <marker>");
        }
        return new RuleExample(
                ids.peek(),
                parts.get(0).toString(),
                parts.get(1).toString(),
                parts.get(2).toString(),
                corrections);
    }

    private boolean isEnd(int event, String element) {
        return event == XMLStreamConstants.END_ELEMENT && xml.getLocalName().equals(element);
    }
}
