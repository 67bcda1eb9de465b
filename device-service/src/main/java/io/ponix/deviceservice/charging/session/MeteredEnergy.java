package io.ponix.deviceservice.charging.session;

import com.google.protobuf.Timestamp;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.proto.charging.v1.Session;
import io.ponix.proto.charging.v1.SessionState;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a session that is over comes to, in the units of OCPI: numbers with {@value #DECIMALS}
 * decimals.
 *
 * @param first where its energy is counted from, and {@code last} to where, in Wh; {@code null}
 *     where the energy is not the difference of two registers
 * @param energy in Wh
 */
record MeteredEnergy(
        Instant start, Instant end, BigDecimal first, BigDecimal last, BigDecimal energy) {

    private static final int DECIMALS = 4;
    private static final int KILO = 3;
    private static final BigDecimal MILLISECONDS_OF_AN_HOUR = BigDecimal.valueOf(3_600_000);

    /**
     * A part of the session.
     *
     * @param kilowattHours delivered until the next one begins, or the session ends
     */
    record Period(Instant start, BigDecimal kilowattHours) {}

    /**
     * Reads it.
     *
     * @throws RequestException FAILED_PRECONDITION when the session is not over, or it is not known
     *     what it comes to
     */
    static MeteredEnergy of(Session session) {
        if (session.getState() != SessionState.SESSION_STATE_ENDED) {
            throw refused(session, "SESSION_ONGOING", "is ongoing");
        }
        if (!session.hasStartedAt() || !session.hasEndedAt()) {
            throw refused(
                    session, "SESSION_TIME_UNKNOWN", "has no start or no end that is known of");
        }
        Instant start = instant(session.getStartedAt());
        Instant end = instant(session.getEndedAt());
        if (end.isBefore(start)) {
            throw refused(
                    session,
                    "SESSION_TIME_UNKNOWN",
                    "ended before its start, by the clock of its station");
        }
        if (!session.hasEnergyWh()) {
            throw refused(session, "SESSION_ENERGY_UNKNOWN", "has no energy that is known of");
        }
        BigDecimal energy = new BigDecimal(session.getEnergyWh());
        if (session.hasFirstRegisterWh() && session.hasLastRegisterWh()) {
            BigDecimal first = new BigDecimal(session.getFirstRegisterWh());
            BigDecimal last = new BigDecimal(session.getLastRegisterWh());
            if (last.subtract(first).compareTo(energy) == 0) {
                return new MeteredEnergy(start, end, first, last, energy);
            }
        }
        return new MeteredEnergy(start, end, null, null, energy);
    }

    private static RequestException refused(Session session, String reason, String how) {
        return RequestException.failedPrecondition(
                        "The session "
                                + session.getSessionId()
                                + " "
                                + how
                                + ": there is no CDR of it")
                .because(
                        reason,
                        Map.of(
                                "station_id",
                                session.getStationId(),
                                "session_id",
                                session.getSessionId()));
    }

    private static Instant instant(Timestamp time) {
        return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
    }

    BigDecimal kilowattHours() {
        return kilowattHours(energy);
    }

    BigDecimal hours() {
        return BigDecimal.valueOf(Duration.between(start, end).toMillis())
                .divide(MILLISECONDS_OF_AN_HOUR, DECIMALS, RoundingMode.HALF_UP);
    }

    /**
     * The parts of the session between the registers that were read meanwhile, which add up to
     * {@link #kilowattHours()}. Those that do not rise from the first register to the last one are
     * passed over; where the meter was replaced there is one part.
     *
     * @param reads in the order of their times
     */
    List<Period> periods(List<RegisterRead> reads) {
        if (first == null) {
            return List.of(new Period(start, kilowattHours()));
        }
        List<Period> periods = new ArrayList<>();
        Instant begin = start;
        BigDecimal before = first;
        // Rounded sums are subtracted, and not rounded parts added: what is left over would else
        // be lost, or doubled.
        BigDecimal sum = kilowattHours(BigDecimal.ZERO);
        for (RegisterRead read : reads) {
            if (!read.time().isAfter(begin)
                    || !read.time().isBefore(end)
                    || read.wattHours().compareTo(before) < 0
                    || read.wattHours().compareTo(last) > 0) {
                continue;
            }
            BigDecimal now = kilowattHours(read.wattHours().subtract(first));
            periods.add(new Period(begin, now.subtract(sum)));
            begin = read.time();
            before = read.wattHours();
            sum = now;
        }
        periods.add(new Period(begin, kilowattHours().subtract(sum)));
        return periods;
    }

    private static BigDecimal kilowattHours(BigDecimal wattHours) {
        return wattHours.movePointLeft(KILO).setScale(DECIMALS, RoundingMode.HALF_UP);
    }
}
