package io.ponix.sessions;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A register of the energy delivered as it was read, of all phases together.
 *
 * @param value in Wh, not negative
 * @param isOffline whether it is of the start, and the station had no connection then
 */
record RegisterRead(Moment moment, Instant time, BigDecimal value, boolean isOffline) {

    /** Stations round times to seconds here and not there. */
    private static final Duration ROUNDING = Duration.ofSeconds(1);

    private static final BigDecimal WATT_HOURS_OF_A_KILOWATT_HOUR = BigDecimal.valueOf(1_000);
    private static final int LARGEST_MULTIPLIER = 12;

    /**
     * At what moment of a session it was read. That of its start is before all others, and that of
     * its end behind, whatever the station's clock said.
     */
    enum Moment {
        BEGIN,
        WITHIN,
        END
    }

    private enum Phase {
        ALL,
        L1,
        L2,
        L3;

        /** Empty for what is measured between phases, or of the neutral one. */
        static Optional<Phase> of(String phase) {
            return switch (phase) {
                case "" -> Optional.of(ALL);
                case "L1", "L1-N" -> Optional.of(L1);
                case "L2", "L2-N" -> Optional.of(L2);
                case "L3", "L3-N" -> Optional.of(L3);
                default -> Optional.empty();
            };
        }
    }

    private record Place(Moment moment, Instant time) implements Comparable<Place> {

        private static final Comparator<Place> ORDER =
                Comparator.comparing(Place::moment).thenComparing(Place::time);

        @Override
        public int compareTo(Place other) {
            return ORDER.compare(this, other);
        }
    }

    private static final class Values {

        private final Map<Phase, BigDecimal> byPhase = new EnumMap<>(Phase.class);
        private boolean isOffline;

        /** The total, or what the phases of the session add up to where all are there. */
        private Optional<BigDecimal> total(Set<Phase> phases) {
            if (byPhase.containsKey(Phase.ALL)) {
                return Optional.of(byPhase.get(Phase.ALL));
            }
            return byPhase.keySet().containsAll(phases)
                    ? Optional.of(
                            byPhase.values().stream().reduce(BigDecimal.ZERO, BigDecimal::add))
                    : Optional.empty();
        }
    }

    /**
     * Finds the registers of a session, in their order.
     *
     * @param events of the session, in their order
     * @param end the one that ended it
     * @param flags what is odd about them is added
     */
    static List<RegisterRead> all(
            List<SessionEvent> events, Optional<SessionEvent> end, Set<Flag> flags) {
        Map<Place, Values> byPlace = new TreeMap<>();
        Set<Phase> phases = EnumSet.noneOf(Phase.class);
        // Of several that say that it ended, one that says with which register.
        Optional<SessionEvent> endWithRegister =
                events.stream()
                        .filter(event -> event.type() == EventType.ENDED)
                        .filter(
                                event ->
                                        event.meterValues().stream()
                                                .anyMatch(RegisterRead::isOfTheVehicle))
                        .findFirst();
        for (SessionEvent event : events) {
            if (event.type() == EventType.ENDED && !Optional.of(event).equals(endWithRegister)) {
                continue;
            }
            for (MeterValue value : event.meterValues()) {
                Moment moment = moment(event, value);
                boolean isAfterEnd =
                        event.type() != EventType.ENDED
                                && end.isPresent()
                                && isAfter(event, value, end.get());
                if (isAfterEnd && moment != Moment.BEGIN) {
                    flags.add(Flag.VALUES_AFTER_END);
                }
                Optional<Phase> phase = Phase.of(value.phase());
                if (!isOfTheVehicle(value)
                        || phase.isEmpty()
                        || isAfterEnd && moment == Moment.WITHIN) {
                    continue;
                }
                Optional<BigDecimal> wattHours = wattHours(value);
                if (wattHours.isEmpty()) {
                    flags.add(Flag.UNUSABLE_REGISTER);
                    continue;
                }
                Values values =
                        byPlace.computeIfAbsent(
                                new Place(moment, value.time()), place -> new Values());
                values.byPhase.merge(phase.get(), wattHours.get(), BigDecimal::max);
                values.isOffline |= moment == Moment.BEGIN && event.isOffline();
                phases.add(phase.get());
            }
        }
        phases.remove(Phase.ALL);
        List<RegisterRead> reads = new ArrayList<>();
        byPlace.forEach(
                (place, values) ->
                        values.total(phases)
                                .ifPresent(
                                        total ->
                                                reads.add(
                                                        new RegisterRead(
                                                                place.moment(),
                                                                place.time(),
                                                                total,
                                                                values.isOffline))));
        return reads;
    }

    /** Values at times of the clock are of the station, whatever session there is. */
    private static boolean isOfTheVehicle(MeterValue value) {
        return value.measurand().equals(MeterValue.IMPORT_REGISTER)
                && value.location().equals(MeterValue.OUTLET)
                && !value.context().equals(MeterValue.CLOCK);
    }

    private static Moment moment(SessionEvent event, MeterValue value) {
        if (value.context().equals(MeterValue.BEGIN) || event.type() == EventType.STARTED) {
            return Moment.BEGIN;
        }
        return value.context().equals(MeterValue.END) || event.type() == EventType.ENDED
                ? Moment.END
                : Moment.WITHIN;
    }

    /** By the numbers of the messages, where they have some: a clock may be set meanwhile. */
    private static boolean isAfter(SessionEvent event, MeterValue value, SessionEvent end) {
        if (!value.time().isAfter(end.time())) {
            return false;
        }
        if (event.sequence().isPresent() && end.sequence().isPresent()) {
            return event.sequence().getAsLong() > end.sequence().getAsLong();
        }
        return end.type() != EventType.ENDED || value.time().isAfter(end.time().plus(ROUNDING));
    }

    private static Optional<BigDecimal> wattHours(MeterValue value) {
        if (value.value().signum() < 0
                || Math.abs((long) value.multiplier()) > LARGEST_MULTIPLIER) {
            return Optional.empty();
        }
        BigDecimal scaled = value.value().scaleByPowerOfTen(value.multiplier());
        return switch (value.unit()) {
            case MeterValue.WATT_HOURS -> Optional.of(plain(scaled));
            case "kWh" -> Optional.of(plain(scaled.multiply(WATT_HOURS_OF_A_KILOWATT_HOUR)));
            default -> Optional.empty();
        };
    }

    private static BigDecimal plain(BigDecimal value) {
        BigDecimal stripped = value.stripTrailingZeros();
        return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
    }
}
