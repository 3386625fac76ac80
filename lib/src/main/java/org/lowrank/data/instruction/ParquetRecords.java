package org.lowrank.data.instruction;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.ListLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.MapLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;

/**
 * The rows of a Parquet file as maps: texts, numbers, truth values, lists, maps and null. Lists in
 * the form of the standard and in older ones.
 */
final class ParquetRecords {

    private ParquetRecords() {}

    /**
     * Gives every row, numbered from 1.
     *
     * @throws DataFaultsException if the file is no whole Parquet file or needs what is not there
     */
    static void read(Path file, BiConsumer<Integer, Map<String, Object>> rows) throws IOException {
        var options =
                ParquetReadOptions.builder(new PlainParquetConfiguration())
                        .withCodecFactory(new ParquetCodecs())
                        .build();
        int row = 0;
        ParquetCodecs.requireWhole(file);
        try (var reader = ParquetFileReader.open(new LocalInputFile(file), options)) {
            requireParts(reader.getFooter(), Files.size(file));
            var schema = reader.getFileMetaData().getSchema();
            var columns = new ColumnIOFactory().getColumnIO(schema);
            for (var pages = reader.readNextRowGroup();
                    pages != null;
                    pages = reader.readNextRowGroup()) {
                var records = columns.getRecordReader(pages, new GroupRecordConverter(schema));
                for (long i = 0; i < pages.getRowCount(); i++) {
                    rows.accept(++row, map(records.read()));
                }
            }
        } catch (RuntimeException | IOException | OutOfMemoryError e) {
            var fault =
                    new DataFaultsException(
                            file, List.of("after row " + row + ": " + said(e)), row);
            fault.initCause(e);
            throw fault;
        }
    }

    /** What the reader says, without the names of its classes. */
    private static String said(Throwable error) {
        var first = error;
        while (first.getCause() != null) {
            first = first.getCause();
        }
        if (first instanceof EOFException) {
            return "the file ends inside a page";
        }
        if (first instanceof OutOfMemoryError) { // the library makes room for what a page claims
            return "a page of it takes more memory than Java has; fetch it anew, or raise -Xmx";
        }
        var words = first.getMessage() == null ? first.getClass().getName() : first.getMessage();
        return words.replaceAll("\\b(?:[a-z]\\w*\\.)+(?=[A-Z])", "");
    }

    /** Room for a part is made by what the footer claims. */
    private static void requireParts(ParquetMetadata footer, long length) throws IOException {
        for (var block : footer.getBlocks()) {
            for (var column : block.getColumns()) {
                long start = column.getStartingPos();
                long size = column.getTotalSize();
                if (start < 0 || size < 0 || start > length - size) {
                    throw new IOException(
                            "its footer has a part of %d bytes at %d, of a file of %d; fetch it anew"
                                    .formatted(size, start, length));
                }
            }
        }
    }

    private static Map<String, Object> map(Group group) {
        var map = new LinkedHashMap<String, Object>();
        for (int field = 0; field < group.getType().getFieldCount(); field++) {
            map.put(group.getType().getFieldName(field), field(group, field));
        }
        return map;
    }

    private static Object field(Group group, int field) {
        var type = group.getType().getType(field);
        int count = group.getFieldRepetitionCount(field);
        if (type.isRepetition(Type.Repetition.REPEATED)) {
            var list = new ArrayList<Object>();
            for (int i = 0; i < count; i++) {
                list.add(value(group, field, i));
            }
            return list;
        }
        return count == 0 ? null : value(group, field, 0);
    }

    private static Object value(Group group, int field, int index) {
        var type = group.getType().getType(field);
        if (type.isPrimitive()) {
            return primitive(group, field, index, type);
        }
        var inner = group.getGroup(field, index);
        LogicalTypeAnnotation kind = type.getLogicalTypeAnnotation();
        if (kind instanceof ListLogicalTypeAnnotation) {
            return list(inner);
        }
        return kind instanceof MapLogicalTypeAnnotation ? entries(inner) : map(inner);
    }

    /** A list is a group with one repeated field: of elements, or of groups that hold one each. */
    private static List<Object> list(Group group) {
        var list = new ArrayList<Object>();
        var repeated = group.getType().getType(0);
        boolean wrapped = !repeated.isPrimitive() && wraps(group.getType(), repeated.asGroupType());
        for (int i = 0; i < group.getFieldRepetitionCount(0); i++) {
            list.add(wrapped ? field(group.getGroup(0, i), 0) : value(group, 0, i));
        }
        return list;
    }

    /**
     * The backward rules of the format: two fields, or the names array and NAME_tuple, are the
     * element.
     */
    private static boolean wraps(GroupType list, GroupType repeated) {
        return repeated.getFieldCount() == 1
                && !repeated.getName().equals("array")
                && !repeated.getName().equals(list.getName() + "_tuple");
    }

    private static Map<String, Object> entries(Group group) {
        var map = new LinkedHashMap<String, Object>();
        for (int i = 0; i < group.getFieldRepetitionCount(0); i++) {
            var entry = group.getGroup(0, i);
            map.put(
                    String.valueOf(field(entry, 0)),
                    entry.getType().getFieldCount() > 1 ? field(entry, 1) : null);
        }
        return map;
    }

    private static Object primitive(Group group, int field, int index, Type type) {
        PrimitiveTypeName name = type.asPrimitiveType().getPrimitiveTypeName();
        return switch (name) {
            case BOOLEAN -> group.getBoolean(field, index);
            case INT32 -> (long) group.getInteger(field, index);
            case INT64 -> group.getLong(field, index);
            case FLOAT -> (double) group.getFloat(field, index);
            case DOUBLE -> group.getDouble(field, index);
            case BINARY, FIXED_LEN_BYTE_ARRAY -> group.getBinary(field, index).toStringUsingUTF8();
            default -> group.getValueToString(field, index);
        };
    }
}
