package org.lowrank.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jdk.jshell.EvalException;

/** What a statement threw, with stacks in which the reader's own code is named by cell and line. */
final class UserException extends Exception {

    private static final long serialVersionUID = 1L;

    private static final Pattern WRAPPER = Pattern.compile("REPL\\.\\$JShell\\$\\w+[.$]");

    /**
     * One exception of the chain of causes.
     *
     * @param text class and message
     * @param frames innermost first
     */
    record Link(String text, List<String> frames) {}

    private final transient List<Link> links;
    private final String advice;

    private UserException(Throwable thrown, List<Link> links, String advice) {
        super(thrown.getMessage(), thrown);
        this.links = links;
        this.advice = advice;
    }

    /**
     * @param translated JShell's picture of the same exception: it drops its own frames and counts
     *     lines from the snippet's first one, and names snippets {@code #id}
     * @param places where a snippet stands, by id
     * @param advice what to do about it, empty if nothing is known
     */
    static UserException of(
            Throwable thrown,
            Throwable translated,
            Function<String, CellSource.Place> places,
            String advice) {
        List<Link> links = new ArrayList<>();
        Throwable picture = translated;
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            StackTraceElement[] stack =
                    picture instanceof EvalException
                            ? picture.getStackTrace()
                            : new StackTraceElement[0];
            links.add(
                    new Link(
                            readable(t.toString()),
                            Stream.of(stack)
                                    .takeWhile(UserException::isOfThisStatement)
                                    .filter(UserException::isForeign)
                                    .map(frame -> text(frame, places))
                                    .toList()));
            picture = picture == null ? null : picture.getCause();
        }
        return new UserException(thrown, links, advice);
    }

    /** Names without JShell's wrappers around what a cell declares. */
    static String readable(String text) {
        return WRAPPER.matcher(text).replaceAll("");
    }

    /** Below JShell's own frames stands the statement that called a magic or a file to be run. */
    private static boolean isOfThisStatement(StackTraceElement frame) {
        return !frame.getClassName().startsWith("jdk.jshell.");
    }

    /** Neither the kernel's part between a cell and a magic nor how a method is called by name. */
    private static boolean isForeign(StackTraceElement frame) {
        String owner = frame.getClassName();
        return !owner.startsWith("org.lowrank.kernel.")
                && !owner.startsWith("io.github.spencerpark.jupyter.")
                && !owner.startsWith("jdk.internal.reflect.")
                && !owner.equals("java.lang.reflect.Method");
    }

    private static String text(StackTraceElement frame, Function<String, CellSource.Place> places) {
        String file = frame.getFileName();
        CellSource.Place place =
                file != null && file.startsWith("#") ? places.apply(file.substring(1)) : null;
        if (place == null) {
            return readable(frame.toString());
        }
        String line = place.line(frame.getLineNumber());
        String method = frame.getMethodName();
        if (method.isEmpty() || method.startsWith("lambda$") || method.startsWith("do_it$")) {
            return line;
        }
        String owner = frame.getClassName();
        boolean named = !owner.isEmpty() && Character.isJavaIdentifierStart(owner.charAt(0));
        return (named ? readable(owner) + "." : "") + method + " (" + line + ")";
    }

    List<Link> links() {
        return links;
    }

    String advice() {
        return advice;
    }
}
