package org.lowrank.data.instruction;

import io.airlift.compress.Decompressor;
import io.airlift.compress.lz4.Lz4Decompressor;
import io.airlift.compress.snappy.SnappyDecompressor;
import io.airlift.compress.zstd.ZstdDecompressor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.brotli.dec.BrotliInputStream;

/** The codecs of Parquet in plain Java: none, gzip, snappy, zstd, lz4 (raw) and brotli. */
final class ParquetCodecs implements CompressionCodecFactory {

    private static final String MAGIC = "PAR1";

    /** Writers make pages of a megabyte; a damaged number is not made room for. */
    private static final int LARGEST_PAGE = 1 << 28;

    /** Names what is no Parquet file before anything is made of it. */
    static void requireWhole(Path file) throws IOException {
        try (var in = new RandomAccessFile(file.toFile(), "r")) {
            if (in.length() < 12 || !magic(in, 0)) {
                throw new DataFaultsException(
                        file, List.of("is no Parquet file (does not begin with " + MAGIC + ")"), 0);
            }
            if (!magic(in, in.length() - MAGIC.length())) {
                throw new DataFaultsException(
                        file,
                        List.of("has no footer: the file was cut off (a broken download?)"),
                        0);
            }
        }
    }

    private static boolean magic(RandomAccessFile in, long at) throws IOException {
        var bytes = new byte[MAGIC.length()];
        in.seek(at);
        in.readFully(bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1).equals(MAGIC);
    }

    @Override
    public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
        return new BytesInputDecompressor() {
            @Override
            public BytesInput decompress(BytesInput bytes, int size) throws IOException {
                return BytesInput.from(plain(codec, bytes.toInputStream().readAllBytes(), size));
            }

            @Override
            public void decompress(ByteBuffer in, int inSize, ByteBuffer out, int outSize)
                    throws IOException {
                var bytes = new byte[inSize];
                in.get(bytes);
                out.put(plain(codec, bytes, outSize));
            }

            @Override
            public void release() {}
        };
    }

    @Override
    public BytesInputCompressor getCompressor(CompressionCodecName codec) {
        throw new UnsupportedOperationException("Parquet is read here, not written");
    }

    @Override
    public void release() {}

    private static byte[] plain(CompressionCodecName codec, byte[] in, int size)
            throws IOException {
        return switch (codec) {
            case UNCOMPRESSED -> in;
            case GZIP -> all(new GZIPInputStream(new ByteArrayInputStream(in)), size);
            case BROTLI -> all(new BrotliInputStream(new ByteArrayInputStream(in)), size);
            case SNAPPY -> block(new SnappyDecompressor(), in, size);
            case ZSTD -> block(new ZstdDecompressor(), in, size);
            case LZ4_RAW -> block(new Lz4Decompressor(), in, size);
            default ->
                    throw new IOException(
                            "its codec "
                                    + codec
                                    + " is not built; write it with zstd, snappy, gzip, brotli or"
                                    + " lz4_raw");
        };
    }

    private static byte[] all(InputStream in, int size) throws IOException {
        try (in) {
            return in.readNBytes(size);
        }
    }

    private static byte[] block(Decompressor decompressor, byte[] in, int size) throws IOException {
        if (size < 0 || size > LARGEST_PAGE) {
            throw new IOException("a page of it claims to hold " + size + " bytes; fetch it anew");
        }
        var out = new byte[size];
        decompressor.decompress(in, 0, in.length, out, 0, size);
        return out;
    }
}
