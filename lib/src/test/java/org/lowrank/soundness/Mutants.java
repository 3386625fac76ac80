package org.lowrank.soundness;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
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

    private final RandomGenerator random =
            RandomGeneratorFactory.of("Xoshiro256PlusPlus").create(20_260_101L);

    /** What decides; for choices of a test's own. */
    public RandomGenerator random() {
        return random;
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
}
