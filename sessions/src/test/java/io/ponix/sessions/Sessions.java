package io.ponix.sessions;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/** Events for tests, by minutes. */
final class Sessions {

    private static final Instant START = Instant.parse("2026-11-30T10:00:00Z");

    private Sessions() {}

    static Instant at(int minute) {
        return START.plusSeconds(60L * minute);
    }

    static SessionEvent started(long sequence, int minute, MeterValue... values) {
        return event(EventType.STARTED, OptionalLong.of(sequence), minute, values);
    }

    static SessionEvent updated(long sequence, int minute, MeterValue... values) {
        return event(EventType.UPDATED, OptionalLong.of(sequence), minute, values);
    }

    static SessionEvent ended(long sequence, int minute, MeterValue... values) {
        return event(EventType.ENDED, OptionalLong.of(sequence), minute, values);
    }

    static SessionEvent impliedEnd(int minute) {
        return event(EventType.IMPLIED_END, OptionalLong.empty(), minute);
    }

    private static SessionEvent event(
            EventType type, OptionalLong sequence, int minute, MeterValue... values) {
        return new SessionEvent(type, at(minute), sequence, false, "", "", "", List.of(values));
    }

    static SessionEvent offline(SessionEvent event) {
        return new SessionEvent(
                event.type(),
                event.time(),
                event.sequence(),
                true,
                event.token(),
                event.reason(),
                event.connector(),
                event.meterValues());
    }

    static MeterValue register(int minute, String context, long wattHours) {
        return MeterValue.register(at(minute), context, wattHours);
    }

    static MeterValue value(int minute, String measurand, String phase, String value, String unit) {
        return new MeterValue(
                at(minute), measurand, null, null, phase, new BigDecimal(value), unit, 0);
    }

    static Session of(SessionEvent... events) {
        SessionHistory history = new SessionHistory();
        Arrays.stream(events).forEach(history::add);
        return history.session();
    }
}
