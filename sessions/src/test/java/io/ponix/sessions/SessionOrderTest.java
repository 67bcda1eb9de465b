package io.ponix.sessions;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A session is the same whatever the order of its messages, and however often each comes. */
class SessionOrderTest {

    private static final List<String> CONTEXTS =
            List.of(MeterValue.BEGIN, MeterValue.PERIODIC, MeterValue.END, MeterValue.CLOCK);
    private static final List<String> PHASES = List.of("", "", "", "L1", "L2", "L3", "N");
    private static final List<String> UNITS = List.of("Wh", "Wh", "kWh", "", "furlong");
    private static final int ORDERS = 25;

    static IntStream seeds() {
        return IntStream.range(0, 100);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void anyOrderAndAnyNumberOfTimesIsTheSame(int seed) {
        Random random = new Random(seed);
        List<SessionEvent> events = history(random);
        Session expected = withoutArrivals(assembled(events));
        if (expected.energy().isPresent()) {
            assertThat(expected.energy().get().signum()).isNotNegative();
        }
        for (int order = 0; order < ORDERS; order++) {
            List<SessionEvent> shuffled = new ArrayList<>(events);
            for (SessionEvent event : events) {
                if (random.nextInt(3) == 0) {
                    shuffled.add(random.nextBoolean() ? event : Sessions.offline(event));
                }
            }
            Collections.shuffle(shuffled, random);
            // That it was kept offline may be said by the one or by the other.
            shuffled.addAll(events);
            assertThat(withoutArrivals(assembled(shuffled)))
                    .as("%s", shuffled)
                    .isEqualTo(withoutArrivals(assembled(normalised(events, shuffled))));
        }
    }

    /** The events once, in their order, offline where any that came was. */
    private static List<SessionEvent> normalised(
            List<SessionEvent> events, List<SessionEvent> all) {
        return events.stream()
                .map(
                        event ->
                                all.contains(Sessions.offline(event))
                                        ? Sessions.offline(event)
                                        : event)
                .toList();
    }

    private static Session assembled(List<SessionEvent> events) {
        SessionHistory history = new SessionHistory();
        events.forEach(history::add);
        return history.session();
    }

    private static Session withoutArrivals(Session session) {
        return new Session(
                session.isEnded(),
                session.start(),
                session.end(),
                session.token(),
                session.reason(),
                session.connector(),
                session.firstRegister(),
                session.lastRegister(),
                session.energy(),
                session.isComplete(),
                session.missing(),
                session.flags(),
                session.events(),
                session.meterValues().stream()
                        .map(recorded -> new RecordedValue(recorded.value(), 0))
                        .toList());
    }

    static List<SessionEvent> history(Random random) {
        List<SessionEvent> events = new ArrayList<>();
        int count = 1 + random.nextInt(12);
        for (int number = 0; number < count; number++) {
            int minute = random.nextInt(20);
            List<MeterValue> values = new ArrayList<>();
            for (int value = random.nextInt(4); value > 0; value--) {
                values.add(value(random));
            }
            EventType type =
                    number == 0
                            ? EventType.STARTED
                            : EventType.values()[random.nextInt(EventType.values().length)];
            SessionEvent event =
                    new SessionEvent(
                            type,
                            Sessions.at(minute),
                            random.nextInt(5) == 0
                                    ? java.util.OptionalLong.empty()
                                    : java.util.OptionalLong.of(random.nextInt(15)),
                            false,
                            random.nextInt(3) == 0 ? "token" + random.nextInt(3) : "",
                            random.nextInt(3) == 0 ? "reason" + random.nextInt(3) : "",
                            random.nextInt(3) == 0 ? "1" : "",
                            values);
            if (!events.contains(event)) {
                events.add(event);
            }
        }
        return events;
    }

    private static MeterValue value(Random random) {
        return new MeterValue(
                Sessions.at(random.nextInt(25)),
                random.nextInt(5) == 0 ? "Voltage" : null,
                CONTEXTS.get(random.nextInt(CONTEXTS.size())),
                random.nextInt(10) == 0 ? "Inlet" : null,
                PHASES.get(random.nextInt(PHASES.size())),
                java.math.BigDecimal.valueOf(random.nextInt(5) - 1L)
                        .multiply(java.math.BigDecimal.valueOf(random.nextInt(1_000))),
                UNITS.get(random.nextInt(UNITS.size())),
                random.nextInt(10) == 0 ? 1 : 0);
    }
}
