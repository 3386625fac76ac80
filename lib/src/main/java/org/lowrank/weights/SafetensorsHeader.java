package org.lowrank.weights;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lowrank.weights.MappedTensors.Place;

/**
 * A parsed and checked header: every tensor lies inside the file, has exactly the bytes that its
 * type and shape need, and the tensors cover the file without a gap or an overlap.
 *
 * @param tensors in the order of their bytes
 */
record SafetensorsHeader(List<Place> tensors, Map<String, Object> metadata) {

    private static final String METADATA = "__metadata__";

    /** Far more than any tensor has, far fewer than would fill the memory. */
    private static final int MOST_AXES = 64;

    /**
     * @param dataStart the byte after the header
     * @param length of the file
     */
    static SafetensorsHeader parse(Path file, String json, long dataStart, long length)
            throws IOException {
        if (!json.startsWith("{")) {
            throw new MalformedFileException(file, "header", "must begin with '{'");
        }
        try (var parser = StrictJson.parser(json)) {
            return new Reader(file, parser).read(dataStart, length);
        } catch (MalformedFileException e) {
            throw e;
        } catch (JsonProcessingException e) { // the parser's own refusals
            throw new MalformedFileException(file, "header", e.getOriginalMessage(), e);
        }
    }

    private record Reader(Path file, JsonParser json) {

        SafetensorsHeader read(long dataStart, long length) throws IOException {
            var tensors = new ArrayList<Place>();
            var metadata = new LinkedHashMap<String, Object>();
            expect(JsonToken.START_OBJECT, "header");
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                var name = json.currentName();
                if (name.equals(METADATA)) {
                    readMetadata(metadata);
                } else {
                    tensors.add(readTensor(name));
                }
            }
            if (json.nextToken() != null) {
                throw refusal("header", "there is text after its closing brace");
            }
            return new SafetensorsHeader(laidOut(tensors, dataStart, length), metadata);
        }

        /** Null is as good as none: some writers leave it so. */
        private void readMetadata(Map<String, Object> metadata) throws IOException {
            if (json.nextToken() == JsonToken.VALUE_NULL) {
                return;
            }
            expectCurrent(JsonToken.START_OBJECT, METADATA);
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                var key = json.currentName();
                expect(JsonToken.VALUE_STRING, METADATA + "." + key);
                metadata.put(key, json.getText());
            }
        }

        private Place readTensor(String name) throws IOException {
            TensorType type = null;
            List<Long> shape = null;
            List<Long> offsets = null;
            expect(JsonToken.START_OBJECT, name);
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                var key = json.currentName();
                switch (key) {
                    case "dtype" -> type = readType(name);
                    case "shape" -> shape = readSizes(name + ".shape");
                    case "data_offsets" -> offsets = readSizes(name + ".data_offsets");
                    default -> throw refusal(name + "." + key, "a tensor has no such field");
                }
            }
            if (type == null || shape == null || offsets == null) {
                throw refusal(name, "needs dtype, shape and data_offsets");
            }
            if (offsets.size() != 2) {
                throw refusal(name + ".data_offsets", "needs two numbers, not " + offsets.size());
            }
            return checked(name, type, shape, offsets.get(0), offsets.get(1));
        }

        private TensorType readType(String name) throws IOException {
            expect(JsonToken.VALUE_STRING, name + ".dtype");
            var type = TensorType.named(json.getText());
            if (type == null) {
                throw refusal(name + ".dtype", "unknown type '" + json.getText() + "'");
            }
            return type;
        }

        private List<Long> readSizes(String field) throws IOException {
            expect(JsonToken.START_ARRAY, field);
            var sizes = new ArrayList<Long>();
            while (json.nextToken() != JsonToken.END_ARRAY) {
                if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
                    throw refusal(field, "must hold whole numbers only");
                }
                if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                        || json.getLongValue() < 0) {
                    throw refusal(field, json.getText() + " is not between 0 and 2^63 - 1");
                }
                if (sizes.size() == MOST_AXES) {
                    throw refusal(field, "has more than " + MOST_AXES + " numbers");
                }
                sizes.add(json.getLongValue());
            }
            return sizes;
        }

        private Place checked(String name, TensorType type, List<Long> shape, long begin, long end)
                throws MalformedFileException {
            long bytes;
            try {
                bytes = type.bytes(shape);
            } catch (ArithmeticException e) {
                throw refusal(name + ".shape", shape + " overflows 2^63 bytes");
            }
            if (end < begin || end - begin != bytes) {
                throw refusal(
                        name + ".data_offsets",
                        String.format(
                                "[%d, %d] should span the %d bytes of %s %s, but spans %d",
                                begin, end, bytes, type, shape, end - begin));
            }
            return new Place(new TensorInfo(name, type, shape, bytes), begin);
        }

        /** Their places in the file, without a gap. */
        private List<Place> laidOut(List<Place> tensors, long dataStart, long length)
                throws MalformedFileException {
            tensors.sort(Comparator.comparingLong(Place::begin).thenComparingLong(Place::end));
            refuseOverlaps(tensors);
            var laidOut = new ArrayList<Place>();
            long end = 0;
            for (var tensor : tensors) {
                if (tensor.begin() != end) {
                    throw refusal(
                            tensor.info().name() + ".data_offsets",
                            String.format(
                                    "leaves a gap: begins at %d, should begin at %d",
                                    tensor.begin(), end));
                }
                end = tensor.end();
                laidOut.add(new Place(tensor.info(), dataStart + tensor.begin()));
            }
            if (end != length - dataStart) {
                throw refusal(
                        "header",
                        String.format(
                                "describes %d bytes of tensors, but %d bytes follow it: the file is"
                                        + " cut off or damaged; fetch it again",
                                end, length - dataStart));
            }
            return laidOut;
        }

        /** A moved tensor leaves a gap too; that it overlaps another says more. */
        private void refuseOverlaps(List<Place> tensors) throws MalformedFileException {
            for (int i = 1; i < tensors.size(); i++) {
                var before = tensors.get(i - 1);
                var tensor = tensors.get(i);
                if (tensor.begin() < before.end()) {
                    throw refusal(
                            tensor.info().name() + ".data_offsets",
                            String.format(
                                    "overlaps %s: both claim the bytes %d to %d",
                                    before.info().name(),
                                    tensor.begin(),
                                    Math.min(tensor.end(), before.end())));
                }
            }
        }

        private void expect(JsonToken token, String field) throws IOException {
            json.nextToken();
            expectCurrent(token, field);
        }

        private void expectCurrent(JsonToken token, String field) throws IOException {
            var found = json.currentToken();
            if (found != token) {
                throw refusal(field, "expected " + token + ", found " + found);
            }
        }

        private MalformedFileException refusal(String field, String reason) {
            return new MalformedFileException(file, field, reason);
        }
    }
}
