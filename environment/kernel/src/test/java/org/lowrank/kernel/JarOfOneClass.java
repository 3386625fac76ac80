package org.lowrank.kernel;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Makes small jars for class path tests, compiled here and now. */
final class JarOfOneClass {

    private JarOfOneClass() {}

    /**
     * Writes a jar with one class that has a constant TEXT.
     *
     * @param classPath entries for the manifest
     */
    static void write(Path jar, String className, String text, String... classPath)
            throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, String.join(" ", classPath));
        Files.createDirectories(jar.getParent());
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            out.putNextEntry(new JarEntry(className.replace('.', '/') + ".class"));
            out.write(compile(className, text));
        }
    }

    private static byte[] compile(String className, String text) throws IOException {
        int dot = className.lastIndexOf('.');
        String source =
                "package %s; public class %s { public static final String TEXT = String.valueOf(\"%s\"); }"
                        .formatted(className.substring(0, dot), className.substring(dot + 1), text);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (JavaFileManager files =
                new ForwardingJavaFileManager<JavaFileManager>(
                        compiler.getStandardFileManager(null, null, null)) {
                    @Override
                    public JavaFileObject getJavaFileForOutput(
                            Location where,
                            String name,
                            JavaFileObject.Kind kind,
                            javax.tools.FileObject sibling) {
                        return new InMemory(name, kind, null, bytes);
                    }
                }) {
            JavaFileObject unit =
                    new InMemory(className, JavaFileObject.Kind.SOURCE, source, bytes);
            if (!compiler.getTask(null, files, null, List.of("-proc:none"), null, List.of(unit))
                    .call()) {
                throw new IOException("not compiled: " + source);
            }
        }
        return bytes.toByteArray();
    }

    private static final class InMemory extends SimpleJavaFileObject {
        private final String source;
        private final ByteArrayOutputStream bytes;

        InMemory(String className, Kind kind, String source, ByteArrayOutputStream bytes) {
            super(URI.create("memory:///" + className.replace('.', '/') + kind.extension), kind);
            this.source = source;
            this.bytes = bytes;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
        }

        @Override
        public OutputStream openOutputStream() {
            return bytes;
        }
    }
}
