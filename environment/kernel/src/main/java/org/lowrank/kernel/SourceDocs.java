package org.lowrank.kernel;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.ZipFile;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * Javadoc comments of classes whose sources lie beside their jar, as {@code x-sources.jar} beside
 * {@code x.jar}.
 */
final class SourceDocs {

    private final List<Path> sources = new CopyOnWriteArrayList<>();

    /** Looks beside an entry of the class path. */
    void lookBeside(String entry) {
        if (entry.endsWith(".jar")) {
            Path file = Path.of(entry.substring(0, entry.length() - 4) + "-sources.jar");
            if (Files.isRegularFile(file) && !sources.contains(file)) {
                sources.add(file);
            }
        }
    }

    /**
     * The raw comment of a class or method; empty if there is none or no source.
     *
     * @param type the full name, nested classes behind a dot
     * @param member a method's name, the class's own for a constructor, or null for the class
     * @param parameters the method's parameter types as its signature writes them
     */
    Optional<String> of(String type, String member, List<String> parameters) {
        for (Path jar : sources) {
            String outer = type;
            while (!outer.isEmpty()) {
                Optional<String> text = entry(jar, outer.replace('.', '/') + ".java");
                if (text.isPresent()) {
                    String[] nested =
                            outer.length() == type.length()
                                    ? new String[0]
                                    : type.substring(outer.length() + 1).split("\\.");
                    return comment(text.get(), nested, member, parameters);
                }
                outer = outer.substring(0, Math.max(0, outer.lastIndexOf('.')));
            }
        }
        return Optional.empty();
    }

    private static Optional<String> entry(Path jar, String name) {
        if (!Files.isRegularFile(jar)) { // built anew at this moment
            return Optional.empty();
        }
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            var entry = zip.getEntry(name);
            return entry == null
                    ? Optional.empty()
                    : Optional.of(
                            new String(
                                    zip.getInputStream(entry).readAllBytes(),
                                    StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("the sources cannot be read: " + jar, e);
        }
    }

    private static Optional<String> comment(
            String source, String[] nested, String member, List<String> parameters) {
        JavacTask task =
                (JavacTask)
                        ToolProvider.getSystemJavaCompiler()
                                .getTask(
                                        null,
                                        null,
                                        problem -> {},
                                        null,
                                        null,
                                        List.of(unit(source)));
        try {
            CompilationUnitTree unit = task.parse().iterator().next();
            TreePath at = new TreePath(unit);
            ClassTree type = null;
            for (Tree declared : unit.getTypeDecls()) {
                if (declared instanceof ClassTree found) {
                    type = found;
                    at = new TreePath(at, type);
                    break;
                }
            }
            for (int i = 0; i < nested.length && type != null; i++) {
                String name = nested[i];
                type =
                        type.getMembers().stream()
                                .filter(ClassTree.class::isInstance)
                                .map(ClassTree.class::cast)
                                .filter(c -> c.getSimpleName().contentEquals(name))
                                .findFirst()
                                .orElse(null);
                at = type == null ? at : new TreePath(at, type);
            }
            if (type == null) {
                return Optional.empty();
            }
            DocTrees docs = DocTrees.instance(task);
            if (member == null) {
                return Optional.ofNullable(docs.getDocComment(at)).map(String::strip);
            }
            Optional<MethodTree> method = method(type, member, parameters);
            TreePath place = method.isPresent() ? new TreePath(at, method.get()) : null;
            return Optional.ofNullable(place).map(docs::getDocComment).map(String::strip);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<MethodTree> method(
            ClassTree type, String member, List<String> parameters) {
        String name = type.getSimpleName().contentEquals(member) ? "<init>" : member;
        List<MethodTree> found = new ArrayList<>();
        for (Tree tree : type.getMembers()) {
            if (tree instanceof MethodTree method
                    && method.getName().contentEquals(name)
                    && method.getParameters().size() == parameters.size()) {
                found.add(method);
            }
        }
        return found.stream()
                .filter(
                        m ->
                                m.getParameters().stream()
                                        .map(p -> p.getType().toString())
                                        .toList()
                                        .equals(parameters))
                .findFirst()
                .or(() -> found.size() == 1 ? Optional.of(found.get(0)) : Optional.empty());
    }

    private static JavaFileObject unit(String source) {
        return new SimpleJavaFileObject(
                URI.create("string:///Source.java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return source;
            }
        };
    }
}
