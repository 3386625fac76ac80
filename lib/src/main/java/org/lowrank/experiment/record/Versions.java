package org.lowrank.experiment.record;

import ai.djl.engine.Engine;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.lowrank.engine.Checksums;

/** The versions that a record names. */
public final class Versions {

    private Versions() {}

    public static Map<String, String> all() {
        var versions = new LinkedHashMap<String, String>();
        versions.put("lowrank", own());
        versions.put("djl", Engine.getDjlVersion());
        var engine = Engine.getInstance();
        versions.put(
                engine.getEngineName().toLowerCase(java.util.Locale.ROOT), engine.getVersion());
        return versions;
    }

    /** The jar by its checksum, so that a record tells which build it came from. */
    private static String own() {
        try {
            var source = Versions.class.getProtectionDomain().getCodeSource().getLocation();
            var path = Path.of(source.toURI());
            if (Files.isDirectory(path)) {
                return "classes, not packed";
            }
            return "jar sha256 " + Checksums.of(path).substring(0, 16);
        } catch (IOException | URISyntaxException e) {
            return "unknown";
        }
    }
}
