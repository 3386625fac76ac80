package org.lowrank.text.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.lowrank.text.jinja.Values.Tuple;
import org.lowrank.text.jinja.Values.Undefined;

/** Parts of a value as Python and jinja2 find them: slices, items, attributes. */
final class Parts {

    private Parts() {}

    /**
     * As {@code value[from:to:step]}.
     *
     * @param bounds two or three; each may be null
     */
    static Object slice(Object value, List<Object> bounds) {
        var step = bounds.size() < 3 ? null : bounds.get(2);
        var items = value instanceof String || value instanceof List ? Values.items(value) : null;
        if (items == null) {
            throw TemplateException.of("no part of " + Values.known(value));
        }
        long stride = step == null ? 1 : Values.whole(step);
        if (stride == 0) {
            throw TemplateException.of("the step of a part is 0");
        }
        int size = items.size();
        long first = bound(bounds.get(0), stride > 0 ? 0 : size - 1L, size, stride);
        long last = bound(bounds.get(1), stride > 0 ? size : -1L, size, stride);
        var part = new ArrayList<Object>();
        for (long i = first; stride > 0 ? i < last : i > last; i += stride) {
            part.add(items.get((int) i));
        }
        if (value instanceof String) {
            return String.join("", part.stream().map(String.class::cast).toList());
        }
        return value instanceof Tuple ? new Tuple(part.toArray()) : part;
    }

    private static long bound(Object index, long unset, int size, long stride) {
        if (index == null) {
            return unset;
        }
        long at = Values.whole(index) < 0 ? Values.whole(index) + size : Values.whole(index);
        return stride > 0 ? Math.max(0, Math.min(at, size)) : Math.max(-1, Math.min(at, size - 1L));
    }

    /** As {@code value[key]} in jinja2: an item, else a method, else undefined. */
    static Object item(Object value, Object key) {
        if (value instanceof Undefined undefined) {
            throw undefined.refused();
        }
        if (value instanceof Map<?, ?> map && map.containsKey(key)) {
            return map.get(key);
        }
        if (Values.isNumber(key)
                && !(key instanceof Double)
                && (value instanceof List || value instanceof String)) {
            var items = Values.items(value);
            long at = Values.whole(key) < 0 ? Values.whole(key) + items.size() : Values.whole(key);
            return at >= 0 && at < items.size()
                    ? items.get((int) at)
                    : new Undefined(
                            Values.kind(value) + " object has no element " + Values.whole(key));
        }
        return key instanceof String name ? attribute(value, name, false) : absent(value, key);
    }

    /** As {@code value.name} in jinja2: a method, else an item, else undefined. */
    static Object attribute(Object value, String name) {
        return attribute(value, name, true);
    }

    private static Object attribute(Object value, String name, boolean items) {
        if (value instanceof Undefined undefined) {
            throw undefined.refused();
        }
        var method = Methods.of(value, name);
        if (method != null) {
            return method;
        }
        return items && value instanceof Map<?, ?> map && map.containsKey(name)
                ? map.get(name)
                : absent(value, name);
    }

    private static Undefined absent(Object value, Object key) {
        return new Undefined(
                "'" + Values.kind(value) + " object' has no attribute " + PythonText.repr(key));
    }
}
