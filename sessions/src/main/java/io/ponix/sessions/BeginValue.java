package io.ponix.sessions;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Whether a register of 0 at the start of a session can be. A meter that is new has it, and so has
 * a station that did not ask its meter, which happens where it had no connection; the next value is
 * then the whole of the register.
 */
final class BeginValue {

    /**
     * What a session does not do.
     *
     * @param power in W, from 0 to the next value
     * @param energy in Wh, likewise, where nothing comes after it
     * @param timesLaterPower how many times the greatest power of later
     * @param fromEnergy in Wh: less than this is not compared with that
     */
    private record Bounds(
            BigDecimal power,
            BigDecimal energy,
            BigDecimal timesLaterPower,
            BigDecimal fromEnergy) {

        static Bounds of(long power, long energy, long timesLaterPower, long fromEnergy) {
            return new Bounds(
                    BigDecimal.valueOf(power),
                    BigDecimal.valueOf(energy),
                    BigDecimal.valueOf(timesLaterPower),
                    BigDecimal.valueOf(fromEnergy));
        }
    }

    /** Chargers of trucks have 1 MW. */
    private static final Bounds ONLINE = Bounds.of(1_000_000, 1_000_000, 50, 100_000);

    private static final Bounds OFFLINE = Bounds.of(100_000, 250_000, 10, 1_000);

    private static final Duration LEAST_TIME = Duration.ofMinutes(1);
    private static final BigDecimal SECONDS_OF_AN_HOUR = BigDecimal.valueOf(3_600);

    private BeginValue() {}

    /** How many of the first reads are a 0 that cannot be. */
    static int implausibleZeros(List<RegisterRead> reads) {
        int zeros = 0;
        while (zeros < reads.size() && reads.get(zeros).value().signum() == 0) {
            zeros++;
        }
        if (zeros == 0 || zeros == reads.size()) {
            return 0;
        }
        RegisterRead next = reads.get(zeros);
        Bounds bounds = reads.get(0).isOffline() ? OFFLINE : ONLINE;
        BigDecimal power = power(reads.get(zeros - 1), next);
        Optional<BigDecimal> later = greatestPower(reads.subList(zeros, reads.size()));
        boolean isPlausible =
                power.compareTo(bounds.power()) <= 0
                        && (later.isPresent()
                                ? next.value().compareTo(bounds.fromEnergy()) < 0
                                        || power.compareTo(
                                                        later.get()
                                                                .multiply(bounds.timesLaterPower()))
                                                <= 0
                                : next.value().compareTo(bounds.energy()) <= 0);
        return isPlausible ? 0 : zeros;
    }

    /** Empty where the register does not rise. */
    private static Optional<BigDecimal> greatestPower(List<RegisterRead> reads) {
        BigDecimal greatest = BigDecimal.ZERO;
        for (int i = 1; i < reads.size(); i++) {
            greatest = greatest.max(power(reads.get(i - 1), reads.get(i)));
        }
        return greatest.signum() > 0 ? Optional.of(greatest) : Optional.empty();
    }

    private static BigDecimal power(RegisterRead from, RegisterRead to) {
        Duration time = Duration.between(from.time(), to.time());
        Duration counted = time.compareTo(LEAST_TIME) < 0 ? LEAST_TIME : time;
        return to.value()
                .subtract(from.value())
                .multiply(SECONDS_OF_AN_HOUR)
                .divide(BigDecimal.valueOf(counted.toSeconds()), MathContext.DECIMAL64);
    }
}
