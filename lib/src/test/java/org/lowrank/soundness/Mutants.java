package org.lowrank.soundness;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Damaged files: cut off, bits turned, bytes and numbers at their extremes, pieces cut out or
 * doubled, noise.
 */
public final class Mutants {

    /** How many a test makes of a format; the long form: {@code -Dlowrank.mutants=10000}. */
    public static final int COUNT = Integer.getInteger("lowrank.mutants", 500);

    private static final long[] EXTREMES = {
        0, 1, -1, 0x7f, 0xff, 0x7fff, 0x7fffffffL, 0x80000000L, 1L << 40, Long.MAX_VALUE, 1L << 62
    };

    /** No look at a small file takes so long: two seconds, with room for a busy machine. */
    private static final long LONGEST = TimeUnit.SECONDS.toNanos(10);

    private final RandomGenerator random =
            RandomGeneratorFactory.of("Xoshiro256PlusPlus").create(20_260_101L);

    /** What decides; for choices of a test's own. */
    public RandomGenerator random() {
        return random;
    }

    /**
     * Puts a file in place of another. What was there may still be mapped; to write into it costs
     * more with every mapping that no collection has yet ended.
     */
    public static void put(Path file, byte[] bytes) throws IOException {
        Files.deleteIfExists(file);
        Files.write(file, bytes);
    }

    /**
     * One of a file.
     *
     * @param number which kind of damage, in turn
     */
    public byte[] of(byte[] sound, int number) {
        var bytes = sound.clone();
        int at = random.nextInt(bytes.length);
        switch (number % 6) {
            case 0 -> {
                return Arrays.copyOf(bytes, at);
            }
            case 1 -> {
                for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                }
            }
            case 2 -> bytes[at] = (byte) EXTREMES[random.nextInt(5)];
            case 3 -> { // a number of the header
                var buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
                long extreme = EXTREMES[random.nextInt(EXTREMES.length)];
                if (at + 8 <= bytes.length && random.nextBoolean()) {
                    buffer.putLong(at / 4 * 4 + 8 <= bytes.length ? at / 4 * 4 : at, extreme);
                } else if (at + 4 <= bytes.length) {
                    buffer.putInt(at, (int) extreme);
                }
            }
            case 4 -> { // a piece cut out, or doubled
                int to = random.nextInt(at, bytes.length);
                boolean doubled = random.nextBoolean();
                var result = new byte[doubled ? bytes.length + to - at : bytes.length - to + at];
                System.arraycopy(bytes, 0, result, 0, doubled ? to : at);
                int rest = doubled ? at : to;
                System.arraycopy(
                        bytes,
                        rest,
                        result,
                        result.length - bytes.length + rest,
                        bytes.length - rest);
                return result;
            }
            default -> { // noise
                int to = Math.min(bytes.length, at + 1 + random.nextInt(16));
                var noise = new byte[to - at];
                random.nextBytes(noise);
                System.arraycopy(noise, 0, bytes, at, noise.length);
            }
        }
        return bytes;
    }

    /**
     * What a reader made of its mutants so far: each was read or refused, in time and in memory.
     */
    public static final class Tally {

        private final String reader;
        private final long mostBytes;
        private int looks;
        private int refused;
        private long longest;

        /**
         * @param mostBytes that one look may allocate
         */
        public Tally(String reader, long mostBytes) {
            this.reader = reader;
            this.mostBytes = mostBytes;
        }

        /**
         * One mutant.
         *
         * @param look whether it is refused; throws what no person should see
         */
        public void look(Callable<Boolean> look) throws Exception {
            var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
            long thread = Thread.currentThread().getId();
            long before = threads.getThreadAllocatedBytes(thread);
            long start = System.nanoTime();
            boolean no = look.call();
            add(no, System.nanoTime() - start);
            long taken = threads.getThreadAllocatedBytes(thread) - before;
            assertTrue(taken < mostBytes, reader + ", mutant " + looks + ": " + taken + " bytes");
        }

        /** One that was looked at elsewhere. */
        public void add(boolean no, long nanos) {
            looks++;
            refused += no ? 1 : 0;
            longest = Math.max(longest, nanos);
            assertTrue(nanos < LONGEST, reader + ", mutant " + looks + ": " + nanos + " ns");
        }

        /** Prints the counts, a row of a Markdown table; some were refused and some read. */
        public void close(double leastRefused) {
            System.out.printf(
                    "| %s | %,d | %,d | %,d | %,d |%n",
                    reader, looks, refused, looks - refused, longest / 1_000_000);
            assertTrue(refused > leastRefused * looks, refused + " of " + looks + " refused");
            assertTrue(refused < looks, "none of " + looks + " leaves a readable file");
        }
    }
}
