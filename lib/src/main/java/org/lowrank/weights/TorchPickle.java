package org.lowrank.weights;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The part of Python's pickle that describes tensors, and nothing else: dictionaries, lists, texts
 * and numbers, and calls of the few functions of PyTorch that put a tensor together, which are
 * answered here with a description. A pickle is a program; any other call in it is refused by name,
 * nothing is looked up and nothing is run.
 */
final class TorchPickle {

    /** Numbers that a tensor is a part of: where they are is for the file around the pickle. */
    record Storage(TensorType type, String key, long elements) {}

    /** A tensor over a storage, in elements. */
    record Tensor(Storage storage, long offset, List<Long> size, List<Long> stride) {}

    private record Tuple(List<Object> items) {}

    private record Global(String name) {}

    private static final Object MARK = new Object();

    private static final Map<String, TensorType> STORAGES =
            Map.of(
                    "torch.FloatStorage", TensorType.F32,
                    "torch.DoubleStorage", TensorType.F64,
                    "torch.HalfStorage", TensorType.F16,
                    "torch.BFloat16Storage", TensorType.BF16,
                    "torch.LongStorage", TensorType.I64,
                    "torch.IntStorage", TensorType.I32,
                    "torch.ShortStorage", TensorType.I16,
                    "torch.CharStorage", TensorType.I8,
                    "torch.ByteStorage", TensorType.U8,
                    "torch.BoolStorage", TensorType.BOOL);

    private static final String DICTIONARY = "collections.OrderedDict";
    private static final String PARAMETER = "torch._utils._rebuild_parameter";
    private static final List<String> CALLS =
            List.of(
                    DICTIONARY,
                    PARAMETER,
                    "torch._utils._rebuild_tensor",
                    "torch._utils._rebuild_tensor_v2");

    private final Path file;
    private final ByteBuffer in;
    private final Deque<Object> stack = new ArrayDeque<>();
    private final Map<Integer, Object> memo = new HashMap<>();
    private int at;

    private TorchPickle(Path file, ByteBuffer in) {
        this.file = file;
        this.in = in;
    }

    /**
     * The next object of a stream of pickles, which is read up to its end.
     *
     * @param file for messages
     * @return a map, a list, a text, a number, a truth value, a {@link Tensor}; empty for None
     * @throws MalformedFileException if the pickle does anything but build tensors, or breaks off
     */
    static Object read(Path file, ByteBuffer in) throws IOException {
        var pickle = new TorchPickle(file, in.order(ByteOrder.LITTLE_ENDIAN));
        try {
            return pickle.run();
        } catch (java.nio.BufferUnderflowException e) {
            throw pickle.refusal("it breaks off: the file was cut; fetch it again");
        } catch (ClassCastException | java.util.NoSuchElementException | NullPointerException e) {
            throw pickle.refusal("its operations do not fit together: the file is damaged");
        }
    }

    private Object run() throws IOException {
        while (true) {
            at = in.position();
            int code = in.get() & 0xff;
            switch (code) {
                case 0x80 -> in.get(); // the version, which the operations speak of themselves
                case 0x95 -> in.getLong(); // the length of a frame
                case '.' -> {
                    return value(stack.pop());
                }
                case '(' -> stack.push(MARK);
                case '}' -> stack.push(new LinkedHashMap<Object, Object>());
                case ']' -> stack.push(new ArrayList<Object>());
                case ')' -> stack.push(new Tuple(List.of()));
                case 'N' -> stack.push(java.util.Optional.empty());
                case 0x88, 0x89 -> stack.push(code == 0x88);
                case 'K' -> stack.push((long) (in.get() & 0xff));
                case 'M' -> stack.push((long) (in.getShort() & 0xffff));
                case 'J' -> stack.push((long) in.getInt());
                case 0x8a -> stack.push(number(bytes(in.get() & 0xff)));
                case 'G' -> stack.push(Double.longBitsToDouble(Long.reverseBytes(in.getLong())));
                case 'X' -> stack.push(text(in.getInt()));
                case 0x8c -> stack.push(text(in.get() & 0xff));
                case 'q' -> memo.put(in.get() & 0xff, stack.peek());
                case 'r' -> memo.put(in.getInt(), stack.peek());
                case 0x94 -> memo.put(memo.size(), stack.peek());
                case 'h' -> stack.push(remembered(in.get() & 0xff));
                case 'j' -> stack.push(remembered(in.getInt()));
                case 't' -> stack.push(new Tuple(sinceMark()));
                case 0x85, 0x86, 0x87 -> stack.push(new Tuple(last(code - 0x84)));
                case 'c' -> stack.push(global(line() + "." + line()));
                case 0x93 -> {
                    var name = last(2);
                    stack.push(global(name.get(0) + "." + name.get(1)));
                }
                case 'Q' -> stack.push(storage((Tuple) stack.pop()));
                case 'R' -> {
                    var arguments = (Tuple) stack.pop();
                    stack.push(called((Global) stack.pop(), arguments.items()));
                }
                case 'b' -> stack.pop(); // attributes of a dictionary: versions of its modules
                case 's' -> {
                    var entry = last(2);
                    map(stack.peek()).put(entry.get(0), entry.get(1));
                }
                case 'u' -> {
                    var entries = sinceMark();
                    for (int i = 0; i + 1 < entries.size(); i += 2) {
                        map(stack.peek()).put(entries.get(i), entries.get(i + 1));
                    }
                }
                case 'a' -> {
                    var item = stack.pop();
                    list(stack.peek()).add(item);
                }
                case 'e' -> {
                    var items = sinceMark();
                    list(stack.peek()).addAll(items);
                }
                default ->
                        throw refusal(String.format("its operation 0x%02x builds no tensor", code));
            }
        }
    }

    private Object remembered(int index) {
        return java.util.Objects.requireNonNull(memo.get(index));
    }

    private Object number(byte[] littleEndian) {
        for (int i = 0, j = littleEndian.length - 1; i < j; i++, j--) {
            byte low = littleEndian[i];
            littleEndian[i] = littleEndian[j];
            littleEndian[j] = low;
        }
        var number = littleEndian.length == 0 ? BigInteger.ZERO : new BigInteger(littleEndian);
        return number.bitLength() < Long.SIZE ? (Object) number.longValue() : number;
    }

    private Global global(String name) throws IOException {
        if (CALLS.contains(name) || STORAGES.containsKey(name)) {
            return new Global(name);
        }
        throw refusal(
                "it calls for "
                        + name
                        + ", which is not needed for tensors and is not run; save the tensors alone"
                        + " (model.state_dict())");
    }

    /** What a storage is called: ("storage", its type, its key, its device, its length, ...). */
    private Storage storage(Tuple id) throws IOException {
        var items = id.items();
        if (items.size() < 5 || !"storage".equals(items.get(0))) {
            throw refusal("it refers to something outside that is no storage");
        }
        boolean part = items.size() > 5 && items.get(5) instanceof Tuple;
        var type = STORAGES.get(((Global) items.get(1)).name());
        if (type == null || part) {
            throw refusal("it has a storage that is a part of another; save it with a new PyTorch");
        }
        return new Storage(type, (String) items.get(2), (Long) items.get(4));
    }

    private Object called(Global function, List<Object> arguments) throws IOException {
        switch (function.name()) {
            case DICTIONARY -> {
                var map = new LinkedHashMap<Object, Object>();
                if (!arguments.isEmpty()) {
                    for (var pair : (Collection<?>) arguments.get(0)) {
                        var entry = pair instanceof Tuple tuple ? tuple.items() : (List<?>) pair;
                        map.put(entry.get(0), entry.get(1));
                    }
                }
                return map;
            }
            case PARAMETER -> {
                return arguments.get(0);
            }
            default -> {
                if (!CALLS.contains(function.name()) || arguments.size() < 4) {
                    throw refusal("it calls " + function.name() + " as no tensor needs it");
                }
                return new Tensor(
                        (Storage) arguments.get(0),
                        (Long) arguments.get(1),
                        lengths(arguments.get(2)),
                        lengths(arguments.get(3)));
            }
        }
    }

    private static List<Long> lengths(Object tuple) {
        return ((Tuple) tuple).items().stream().map(Long.class::cast).toList();
    }

    @SuppressWarnings("unchecked")
    private static Map<Object, Object> map(Object value) {
        return (Map<Object, Object>) value;
    }

    @SuppressWarnings("unchecked")
    private static List<Object> list(Object value) {
        return (List<Object>) value;
    }

    private List<Object> sinceMark() {
        var items = new ArrayList<Object>();
        for (var item = stack.pop(); item != MARK; item = stack.pop()) {
            items.add(item);
        }
        Collections.reverse(items);
        return items;
    }

    private List<Object> last(int count) {
        var items = new Object[count];
        for (int i = count - 1; i >= 0; i--) {
            items[i] = stack.pop();
        }
        return Arrays.asList(items);
    }

    private static Object value(Object top) {
        return top instanceof Tuple tuple ? tuple.items() : top;
    }

    private byte[] bytes(int count) {
        if (count < 0 || count > in.remaining()) {
            throw new java.nio.BufferUnderflowException();
        }
        var bytes = new byte[count];
        in.get(bytes);
        return bytes;
    }

    private String text(int length) {
        return new String(bytes(length), StandardCharsets.UTF_8);
    }

    private String line() {
        var line = new StringBuilder();
        for (int c = in.get(); c != '\n'; c = in.get()) {
            line.append((char) c);
        }
        return line.toString();
    }

    private MalformedFileException refusal(String reason) {
        return new MalformedFileException(
                file,
                "pickle",
                "at its byte "
                        + at
                        + " "
                        + reason
                        + ". In Python: load it with torch.load(weights_only=True) and save it with"
                        + " safetensors.torch.save_file");
    }
}
