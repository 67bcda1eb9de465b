package io.ponix.sessions;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.LongStream;

/**
 * The events of one session, which is known by its station and its id there: two stations may give
 * the same id (E01.FR.08).
 *
 * <p>An event that comes again is none: one of the same type, number, time and content. That the
 * station kept one of the two for a while, as nobody had answered, makes no other of it; the
 * session is then that of the one that was kept. What tells messages of one time apart is their
 * content (E04.FR.09, J02.FR.14).
 *
 * <p>Not for several threads. It holds every event: whoever bounds what a session may have does so
 * by {@link #size} and {@link #events}.
 */
public final class SessionHistory {

    /** What came, once, and how many values came before it. */
    private record Arrived(SessionEvent event, long arrival) {}

    /** A value, and which one of which event. */
    private record Measured(
            MeterValue value, long arrival, long sequence, int rank, int position) {}

    /** Of the form in which it is written. */
    private static final int VERSION = 1;

    private static final Comparator<SessionEvent> BY_VALUES =
            (one, other) -> {
                Iterator<MeterValue> others = other.meterValues().iterator();
                for (MeterValue value : one.meterValues()) {
                    int compared =
                            others.hasNext()
                                    ? MeterValue.BY_CONTENT.compare(value, others.next())
                                    : 1;
                    if (compared != 0) {
                        return compared;
                    }
                }
                return others.hasNext() ? -1 : 0;
            };

    /** Of what is the same in time, by what is said: any order, but always one. */
    private static final Comparator<SessionEvent> IN_ORDER =
            Comparator.comparing(SessionEvent::time)
                    .thenComparing(SessionEvent::type)
                    .thenComparing(event -> event.sequence().orElse(-1))
                    .thenComparing(SessionEvent::token)
                    .thenComparing(SessionEvent::reason)
                    .thenComparing(SessionEvent::connector)
                    .thenComparing(BY_VALUES);

    private static final Comparator<Measured> AS_MEASURED =
            Comparator.comparing((Measured each) -> each.value().time())
                    .thenComparing(Measured::sequence)
                    .thenComparing(Measured::rank)
                    .thenComparing(Measured::position);

    private final Map<SessionEvent, Arrived> events = new LinkedHashMap<>();
    private long values;
    private int duplicates;

    /**
     * Takes an event.
     *
     * @return false when it had come before
     */
    public boolean add(SessionEvent event) {
        SessionEvent identity = online(event);
        Arrived before = events.get(identity);
        if (before != null) {
            duplicates++;
            if (event.isOffline()) {
                events.put(identity, new Arrived(event, before.arrival()));
            }
            return false;
        }
        events.put(identity, new Arrived(event, values));
        values += event.meterValues().size();
        return true;
    }

    /** Whether an event has come: {@link #add} would return false. */
    public boolean contains(SessionEvent event) {
        return events.containsKey(online(event));
    }

    private static SessionEvent online(SessionEvent event) {
        return event.isOffline()
                ? new SessionEvent(
                        event.type(),
                        event.time(),
                        event.sequence(),
                        false,
                        event.token(),
                        event.reason(),
                        event.connector(),
                        event.meterValues())
                : event;
    }

    /**
     * Writes all that is known, so that {@link #readFrom} knows the same, in a form that has its
     * version in it.
     *
     * @throws java.io.UTFDataFormatException when a text is of more than 65,535 bytes
     * @throws ArithmeticException when a time is beyond the milliseconds that 64 bits count
     */
    public void writeTo(DataOutput out) throws IOException {
        out.writeByte(VERSION);
        SessionEventWriter writer = new SessionEventWriter(out);
        writer.number(duplicates);
        writer.number(events.size());
        for (Arrived arrived : events.values()) {
            writer.event(arrived.event());
        }
    }

    /**
     * Reads what {@link #writeTo} wrote, of this version and of every one before it.
     *
     * @throws IOException when it is of a later version, or no such thing
     */
    public static SessionHistory readFrom(DataInput in) throws IOException {
        int version = in.readUnsignedByte();
        if (version != VERSION) {
            throw new IOException(
                    "a session's history of the version "
                            + version
                            + ": this program reads "
                            + VERSION);
        }
        SessionEventReader reader = new SessionEventReader(in);
        SessionHistory history = new SessionHistory();
        int duplicates = reader.count();
        int count = reader.count();
        for (int i = 0; i < count; i++) {
            history.add(reader.event());
        }
        if (history.duplicates > 0) {
            throw new IOException("a session's history that has an event twice");
        }
        history.duplicates = duplicates;
        return history;
    }

    /** Returns how many values the events have. */
    public long size() {
        return values;
    }

    /** Returns how many events came, each once. */
    public int events() {
        return events.size();
    }

    /** Returns how many events came that had come before. */
    public int duplicates() {
        return duplicates;
    }

    /** Returns what is known by now. It takes time by the number of values: n log n. */
    public Session session() {
        List<Arrived> ordered =
                events.values().stream()
                        .sorted(Comparator.comparing(Arrived::event, IN_ORDER))
                        .toList();
        List<SessionEvent> all =
                ordered.stream()
                        .map(Arrived::event)
                        .filter(event -> event.type() != EventType.IMPLIED_END)
                        .toList();
        List<SessionEvent> started = of(all, EventType.STARTED);
        List<SessionEvent> updated = of(all, EventType.UPDATED);
        List<SessionEvent> ended = of(all, EventType.ENDED);
        Set<Flag> flags = EnumSet.noneOf(Flag.class);
        if (started.isEmpty()) {
            flags.add(Flag.START_MISSING);
        }
        Optional<Instant> start = started.stream().map(SessionEvent::time).findFirst();
        // A station that starts anew may say once more that it ended: it did the first time.
        Optional<SessionEvent> end = ended.stream().findFirst();
        if (end.isEmpty()) {
            end = impliedEnd(ordered, all, start);
            end.ifPresent(implied -> flags.add(Flag.CLOSED_BY_IMPLICATION));
        }
        Registers registers = Registers.of(all, start, end, flags);
        long missing = missing(started, ended, all);
        boolean isRising = isRising(started, ended);
        if (end.isPresent() && (missing > 0 || !isRising)) {
            flags.add(Flag.GAPS);
        }
        return new Session(
                end.isPresent(),
                start,
                end.map(SessionEvent::time),
                said(SessionEvent::token, List.of(started, updated, ended)),
                end.map(SessionHistory::reason).orElse(""),
                said(SessionEvent::connector, List.of(started, updated, ended)),
                registers.first(),
                registers.last(),
                registers.energy(),
                !started.isEmpty() && !ended.isEmpty() && missing == 0 && isRising,
                missing,
                flags,
                all.size(),
                asMeasured(ordered));
    }

    private static List<SessionEvent> of(List<SessionEvent> events, EventType type) {
        return events.stream().filter(event -> event.type() == type).toList();
    }

    /**
     * The first that seems to end the session, after it started, and after which it does not show
     * itself: but for what was measured at its end, which may come later.
     */
    private static Optional<SessionEvent> impliedEnd(
            List<Arrived> ordered, List<SessionEvent> all, Optional<Instant> start) {
        Optional<Instant> last =
                all.stream()
                        .filter(event -> !isOfTheEnd(event))
                        .map(SessionEvent::time)
                        .max(Comparator.naturalOrder());
        return ordered.stream()
                .map(Arrived::event)
                .filter(event -> event.type() == EventType.IMPLIED_END)
                .filter(event -> start.isEmpty() || event.time().isAfter(start.get()))
                .filter(event -> last.isPresent() && !event.time().isBefore(last.get()))
                .findFirst();
    }

    private static boolean isOfTheEnd(SessionEvent event) {
        return event.type() == EventType.UPDATED
                && !event.meterValues().isEmpty()
                && event.meterValues().stream()
                        .allMatch(value -> value.context().equals(MeterValue.END));
    }

    private static String reason(SessionEvent end) {
        return end.reason().isEmpty() && end.type() == EventType.ENDED ? "Local" : end.reason();
    }

    /** What the first that says it says: of the first kind of events of which one does. */
    private static String said(
            Function<SessionEvent, String> what, List<List<SessionEvent>> kinds) {
        return kinds.stream()
                .flatMap(List::stream)
                .map(what)
                .filter(text -> !text.isEmpty())
                .findFirst()
                .orElse("");
    }

    /**
     * How many numbers are not there from that of the start, or else the least one, to that of the
     * end, or else the last.
     */
    private static long missing(
            List<SessionEvent> started, List<SessionEvent> ended, List<SessionEvent> all) {
        OptionalLong least = numbers(started).min();
        OptionalLong from = least.isPresent() ? least : numbers(all).min();
        OptionalLong last = numbers(ended.stream().limit(1).toList()).max();
        OptionalLong to = last.isPresent() ? last : numbers(all).max();
        if (from.isEmpty() || to.getAsLong() < from.getAsLong()) {
            return 0;
        }
        Set<Long> there = new HashSet<>();
        numbers(all)
                .filter(number -> number >= from.getAsLong() && number <= to.getAsLong())
                .forEach(there::add);
        // In this order: from 0 to the largest there are more numbers than one has.
        return to.getAsLong() - from.getAsLong() - (there.size() - 1);
    }

    private static LongStream numbers(List<SessionEvent> events) {
        return events.stream()
                .filter(event -> event.sequence().isPresent())
                .mapToLong(event -> event.sequence().getAsLong());
    }

    /** Of a protocol without numbers nothing is known of what is between. */
    private static boolean isRising(List<SessionEvent> started, List<SessionEvent> ended) {
        OptionalLong first = numbers(started).min();
        OptionalLong last = numbers(ended.stream().limit(1).toList()).max();
        return first.isEmpty() || last.isEmpty() || last.getAsLong() > first.getAsLong();
    }

    private static List<RecordedValue> asMeasured(List<Arrived> ordered) {
        List<Measured> measured = new ArrayList<>();
        for (int rank = 0; rank < ordered.size(); rank++) {
            Arrived arrived = ordered.get(rank);
            List<MeterValue> values = arrived.event().meterValues();
            for (int position = 0; position < values.size(); position++) {
                measured.add(
                        new Measured(
                                values.get(position),
                                arrived.arrival() + position,
                                arrived.event().sequence().orElse(-1),
                                rank,
                                position));
            }
        }
        measured.sort(AS_MEASURED);
        return measured.stream()
                .map(each -> new RecordedValue(each.value(), each.arrival()))
                .toList();
    }
}
