package org.lowrank.kernel;

import java.awt.Graphics2D;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** A class that comes with the notebook's class path and is known here by its name only. */
final class NotebookType {

    private final Class<?> type;

    private NotebookType(Class<?> type) {
        this.type = type;
    }

    /** The class or interface of a value that has a name, whichever class loader it came from. */
    static Optional<NotebookType> of(Object value, String name) {
        Deque<Class<?>> open = new ArrayDeque<>();
        open.add(value.getClass());
        while (!open.isEmpty()) {
            Class<?> next = open.poll();
            if (next.getName().equals(name)) {
                return Optional.of(new NotebookType(next));
            }
            open.addAll(List.of(next.getInterfaces()));
            if (next.getSuperclass() != null) {
                open.add(next.getSuperclass());
            }
        }
        return Optional.empty();
    }

    /** A class of the same class path, if it is there. */
    Optional<NotebookType> beside(String name) {
        try {
            return Optional.of(new NotebookType(type.getClassLoader().loadClass(name)));
        } catch (ClassNotFoundException e) {
            return Optional.empty();
        }
    }

    /** Calls a public static method of another class with a value of this one. */
    Object passTo(NotebookType other, String method, Object value) {
        return other.call(null, method, type, value);
    }

    /** Calls a public method without parameters. */
    Object call(Object target, String method) {
        try {
            return type.getMethod(method).invoke(target);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(unknown(method), e);
        }
    }

    /** Calls a public method with one parameter. */
    Object call(Object target, String method, Class<?> parameter, Object argument) {
        try {
            return type.getMethod(method, parameter).invoke(target, argument);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(unknown(method), e);
        }
    }

    /** Calls {@code paint} of a chart. */
    void paint(Object chart, Graphics2D graphics, int width, int height) {
        try {
            type.getMethod("paint", Graphics2D.class, int.class, int.class)
                    .invoke(chart, graphics, width, height);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(unknown("paint"), e);
        }
    }

    private String unknown(String method) {
        return "this version of " + type.getName() + " cannot be shown: " + method + " failed";
    }
}
