package io.ponix.sessions;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the registers of a session come to: energy is what a register rose by from the start of the
 * session to its end, or until now. All in Wh.
 *
 * @param first where it is counted from
 * @param last the latest one
 * @param energy empty where it is not known; never negative
 */
record Registers(
        Optional<BigDecimal> first, Optional<BigDecimal> last, Optional<BigDecimal> energy) {

    /**
     * Looks at the registers of a session.
     *
     * @param events of the session, in their order
     * @param end the one that ended it
     * @param flags what is odd about them is added
     */
    static Registers of(
            List<SessionEvent> events,
            Optional<Instant> start,
            Optional<SessionEvent> end,
            Set<Flag> flags) {
        List<RegisterRead> all = RegisterRead.all(events, end, flags);
        List<RegisterRead> reads = fromBegin(all, start);
        if (reads.isEmpty()) {
            flags.add(Flag.BEGIN_VALUE_MISSING);
            return new Registers(Optional.empty(), lastOf(all), Optional.empty());
        }
        int zeros = BeginValue.implausibleZeros(reads);
        if (zeros > 0) {
            flags.add(Flag.BEGIN_VALUE_IMPLAUSIBLE);
            reads = reads.subList(zeros, reads.size());
        }
        return rise(reads, end.isPresent(), flags);
    }

    private static Optional<BigDecimal> lastOf(List<RegisterRead> reads) {
        return reads.isEmpty()
                ? Optional.empty()
                : Optional.of(reads.get(reads.size() - 1).value());
    }

    /**
     * From the register at the start on: that of the start itself, whichever message has it
     * (E01.FR.17, E04.FR.11), or else the last one before. Empty where there is none.
     */
    private static List<RegisterRead> fromBegin(List<RegisterRead> reads, Optional<Instant> start) {
        int first = -1;
        for (int i = 0; i < reads.size(); i++) {
            RegisterRead read = reads.get(i);
            if (read.moment() == RegisterRead.Moment.BEGIN) {
                return reads.subList(i, reads.size());
            }
            if (read.moment() == RegisterRead.Moment.WITHIN
                    && start.isPresent()
                    && !read.time().isAfter(start.get())) {
                first = i;
            }
        }
        return first < 0 ? List.of() : reads.subList(first, reads.size());
    }

    /**
     * Registers only rise (J02.FR.17), but for one that replaces another (J02.FR.16). One read that
     * is above, or below, both that before and that after it was not read right.
     */
    private static Registers rise(List<RegisterRead> reads, boolean isEnded, Set<Flag> flags) {
        BigDecimal first = reads.get(0).value();
        BigDecimal ofMetersBefore = BigDecimal.ZERO;
        BigDecimal from = first;
        BigDecimal now = first;
        boolean isReplaced = false;
        for (int i = 1; i < reads.size(); i++) {
            BigDecimal value = reads.get(i).value();
            if (i + 1 < reads.size() && isPassedOver(now, value, reads.get(i + 1).value())) {
                continue;
            }
            if (value.compareTo(from) < 0) {
                ofMetersBefore = ofMetersBefore.add(now.subtract(from));
                from = value;
                isReplaced = true;
            }
            now = value;
        }
        Optional<BigDecimal> begin = Optional.of(first);
        Optional<BigDecimal> last = Optional.of(now);
        if (reads.size() == 1) {
            return new Registers(begin, last, Optional.empty());
        }
        if (isReplaced && now.compareTo(from) == 0) {
            if (isEnded) {
                flags.add(Flag.STOP_BELOW_START);
            }
            return new Registers(begin, last, Optional.empty());
        }
        if (isReplaced) {
            flags.add(Flag.METER_REPLACED);
        }
        return new Registers(begin, last, Optional.of(ofMetersBefore.add(now.subtract(from))));
    }

    private static boolean isPassedOver(BigDecimal before, BigDecimal value, BigDecimal after) {
        return after.compareTo(before) >= 0
                && (value.compareTo(before) < 0 || value.compareTo(after) > 0);
    }
}
