package org.lowrank.kernel;

import java.lang.reflect.Array;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The text of a value: what its {@code toString} says, with arrays by their content wherever the
 * class library's own containers and records hold them, and an object that has no text of its own
 * by its class. No identity hash, so the same in every run.
 */
final class ValueText {

    private static final int DEEPEST = 20;
    private static final int MOST = 1000;

    private ValueText() {}

    static String of(Object value) {
        return of(value, DEEPEST);
    }

    private static String of(Object value, int depth) {
        if (value == null) {
            return "null";
        }
        if (depth == 0) {
            return "…";
        }
        Function<Object, String> inner = part -> of(part, depth - 1);
        Class<?> type = value.getClass();
        if (type.isArray()) {
            int length = Array.getLength(value);
            return list(
                    IntStream.range(0, length).mapToObj(i -> Array.get(value, i)), length, inner);
        }
        if (type.getName().startsWith("java.util.")) {
            if (value instanceof Map<?, ?> map) {
                return map.entrySet().stream()
                        .map(e -> inner.apply(e.getKey()) + "=" + inner.apply(e.getValue()))
                        .collect(Collectors.joining(", ", "{", "}"));
            }
            if (value instanceof Collection<?> collection) {
                return list(collection.stream(), collection.size(), inner);
            }
            if (value instanceof Optional<?> optional && optional.isPresent()) {
                return "Optional[" + inner.apply(optional.get()) + "]";
            }
        }
        String text = value.toString();
        if (type.isRecord() && text != null && text.startsWith(type.getSimpleName() + "[")) {
            return record(value, text, inner);
        }
        return isIdentity(value, text) ? className(type) : text;
    }

    private static String list(Stream<?> parts, int size, Function<Object, String> inner) {
        String shown = parts.limit(MOST).map(inner).collect(Collectors.joining(", "));
        return size > MOST ? "[" + shown + ", … " + size + " in all]" : "[" + shown + "]";
    }

    /** As the compiler's {@code toString} of a record; what cannot be read stays as it was. */
    private static String record(Object value, String text, Function<Object, String> inner) {
        StringJoiner own = new StringJoiner(", ", value.getClass().getSimpleName() + "[", "]");
        StringJoiner plain = new StringJoiner(", ", value.getClass().getSimpleName() + "[", "]");
        try {
            for (RecordComponent component : value.getClass().getRecordComponents()) {
                var accessor = component.getAccessor();
                accessor.setAccessible(true);
                Object part = accessor.invoke(value);
                own.add(component.getName() + "=" + inner.apply(part));
                plain.add(component.getName() + "=" + part);
            }
        } catch (ReflectiveOperationException | RuntimeException e) {
            return text;
        }
        return plain.toString().equals(text) ? own.toString() : text;
    }

    private static boolean isIdentity(Object value, String text) {
        return text != null
                && (text.equals(identity(value, value.hashCode()))
                        || text.equals(identity(value, System.identityHashCode(value))));
    }

    private static String identity(Object value, int hash) {
        return value.getClass().getName() + "@" + Integer.toHexString(hash);
    }

    /** A class that its reader cannot name, a lambda's too, by the interface that it stands for. */
    private static String className(Class<?> type) {
        Class<?> named = type;
        boolean inside =
                type.getName().startsWith("java.") && !Modifier.isPublic(type.getModifiers());
        if (inside || type.isHidden() || type.isAnonymousClass()) {
            named =
                    Stream.<Class<?>>iterate(type, Objects::nonNull, Class::getSuperclass)
                            .flatMap(c -> Stream.of(c.getInterfaces()))
                            .findFirst()
                            .orElse(type.getSuperclass());
        }
        return "an object of " + named.getSimpleName();
    }
}
