package io.ponix.sessions.station;

import io.ponix.sessions.EventType;
import io.ponix.sessions.SessionEvent;
import io.ponix.sessions.SessionEventReader;
import io.ponix.sessions.SessionEventWriter;
import io.ponix.sessions.message.StationMessage;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;

/**
 * What has to be known of a station to say of which session a message is: the starts that have no
 * id yet and the answers that give one, when its connectors were free, and which sessions there
 * are. The sessions themselves are elsewhere ({@link io.ponix.sessions.SessionHistory}).
 *
 * <p>A session gets the same events in whatever order the messages come. What is remembered is
 * bounded: {@link #MOST_SESSIONS}, {@link #MOST_RELEASES} and {@link #MOST_STARTS} of the newest,
 * and none for longer than {@link #forget} is told to.
 *
 * <p>Not for several threads.
 */
public final class Station {

    /** Sessions that are remembered, so that a connector that is free ends them. */
    public static final int MOST_SESSIONS = 1_000;

    /** Times at which a connector was free that are remembered, for sessions that come later. */
    public static final int MOST_RELEASES = 1_000;

    /** Starts without an answer, and answers without a start. */
    public static final int MOST_STARTS = 1_000;

    /**
     * Between a start and its answer. A station that counts its messages anew uses an id again, but
     * not so soon.
     */
    public static final Duration LONGEST_ANSWER = Duration.ofMinutes(10);

    /** Of the form in which it is written. */
    private static final int VERSION = 1;

    private static final int ENDED = 1;
    private static final int FREE = 2;

    /** A start or an answer, and when it was received. */
    record Waiting<T>(String messageId, T what, Instant receivedAt) {}

    /**
     * A session.
     *
     * @param earliest of its events
     * @param latest of its events
     * @param free when its connector was free first after those events, as it has been told; null
     *     when it was not yet
     */
    record Known(
            String connector, boolean isEnded, Instant earliest, Instant latest, Instant free) {

        boolean isWhere(StationMessage.Release release) {
            return release.connector().isEmpty() || release.connector().equals(connector);
        }

        boolean isToldOf(Instant time) {
            return free != null && free.isAfter(latest) && !time.isBefore(free);
        }

        Known and(SessionEvent event) {
            return new Known(
                    connector.isEmpty() ? event.connector() : connector,
                    isEnded || event.type() == EventType.ENDED,
                    earliest.isBefore(event.time()) ? earliest : event.time(),
                    latest.isAfter(event.time()) ? latest : event.time(),
                    free);
        }

        Known told(Instant time) {
            return time.isAfter(latest) && !isToldOf(time)
                    ? new Known(connector, isEnded, earliest, latest, time)
                    : this;
        }
    }

    private static final Comparator<StationMessage.Release> BY_TIME =
            Comparator.comparing(StationMessage.Release::time)
                    .thenComparing(StationMessage.Release::connector);

    private final List<Waiting<SessionEvent>> starts = new ArrayList<>();
    private final List<Waiting<String>> answers = new ArrayList<>();
    private final TreeSet<StationMessage.Release> releases = new TreeSet<>(BY_TIME);
    private final Map<String, Known> sessions = new LinkedHashMap<>();

    /**
     * Takes a message and returns what it comes to, with what came before it.
     *
     * @param receivedAt when it was received, by the clock of who received it
     */
    public List<Outcome> take(StationMessage message, Instant receivedAt) {
        List<Outcome> outcomes = new ArrayList<>();
        if (message instanceof StationMessage.OfSession of) {
            event(of.sessionId(), of.event(), outcomes);
        } else if (message instanceof StationMessage.StartRequest request) {
            Waiting<SessionEvent> start =
                    new Waiting<>(request.messageId(), request.event(), receivedAt);
            nearest(answers, request.messageId(), receivedAt)
                    .ifPresentOrElse(
                            answer -> event(answer.what(), start.what(), outcomes),
                            () -> outcomes.addAll(keepStart(start)));
        } else if (message instanceof StationMessage.StartAnswer answer) {
            Optional<Waiting<SessionEvent>> start = nearest(starts, answer.messageId(), receivedAt);
            start.ifPresent(
                    each -> {
                        starts.remove(each);
                        event(answer.sessionId(), each.what(), outcomes);
                    });
            // Kept in any case: the start may come again.
            keep(answers, new Waiting<>(answer.messageId(), answer.sessionId(), receivedAt));
        } else if (message instanceof StationMessage.Release release) {
            release(release, outcomes);
        } else if (message instanceof StationMessage.Reading reading) {
            outcomes.add(new Outcome.OfNone(reading));
        }
        return outcomes;
    }

    /**
     * Lets go of what is too old, and returns the starts that nobody answered.
     *
     * @param now by the clock of who receives
     * @param longest how long sessions, and when connectors were free, are remembered, by the
     *     station's clock
     */
    public List<Outcome> forget(Instant now, Duration longest) {
        List<Outcome> outcomes = new ArrayList<>();
        Instant unanswered = now.minus(LONGEST_ANSWER);
        for (Iterator<Waiting<SessionEvent>> each = starts.iterator(); each.hasNext(); ) {
            Waiting<SessionEvent> start = each.next();
            if (start.receivedAt().isBefore(unanswered)) {
                each.remove();
                outcomes.add(new Outcome.NeverAnswered(start.messageId(), start.what()));
            }
        }
        answers.removeIf(answer -> answer.receivedAt().isBefore(unanswered));
        Instant old = now.minus(longest);
        releases.removeIf(release -> release.time().isBefore(old));
        sessions.values().removeIf(session -> session.latest().isBefore(old));
        return outcomes;
    }

    /** Whether a session is among those that are remembered. */
    public boolean knows(String sessionId) {
        return sessions.containsKey(sessionId);
    }

    /** Whether a start waits for its answer, which {@link #forget} may let go of. */
    public boolean isWaiting() {
        return !starts.isEmpty();
    }

    /** Whether nothing is remembered of it. */
    public boolean isEmpty() {
        return starts.isEmpty() && answers.isEmpty() && releases.isEmpty() && sessions.isEmpty();
    }

    /**
     * Writes all that is remembered, so that {@link #readFrom} remembers the same, in a form that
     * has its version in it.
     */
    public void writeTo(DataOutput out) throws IOException {
        out.writeByte(VERSION);
        SessionEventWriter writer = new SessionEventWriter(out);
        writer.number(starts.size());
        for (Waiting<SessionEvent> start : starts) {
            writer.text(start.messageId());
            writer.event(start.what());
            writer.time(start.receivedAt());
        }
        writer.number(answers.size());
        for (Waiting<String> answer : answers) {
            writer.text(answer.messageId());
            writer.text(answer.what());
            writer.time(answer.receivedAt());
        }
        writer.number(releases.size());
        for (StationMessage.Release release : releases) {
            writer.time(release.time());
            writer.text(release.connector());
        }
        writer.number(sessions.size());
        for (Map.Entry<String, Known> each : sessions.entrySet()) {
            Known session = each.getValue();
            writer.text(each.getKey());
            writer.text(session.connector());
            out.writeByte((session.isEnded() ? ENDED : 0) | (session.free() != null ? FREE : 0));
            writer.time(session.earliest());
            writer.time(session.latest());
            if (session.free() != null) {
                writer.time(session.free());
            }
        }
    }

    /**
     * Reads what {@link #writeTo} wrote, of this version and of every one before it.
     *
     * @throws IOException when it is of a later version, or no such thing
     */
    public static Station readFrom(DataInput in) throws IOException {
        int version = in.readUnsignedByte();
        if (version != VERSION) {
            throw new IOException(
                    "a station of the version " + version + ": this program reads " + VERSION);
        }
        SessionEventReader reader = new SessionEventReader(in);
        Station station = new Station();
        for (int left = reader.count(); left > 0; left--) {
            station.starts.add(new Waiting<>(reader.text(), reader.event(), reader.time()));
        }
        for (int left = reader.count(); left > 0; left--) {
            station.answers.add(new Waiting<>(reader.text(), reader.text(), reader.time()));
        }
        for (int left = reader.count(); left > 0; left--) {
            station.releases.add(new StationMessage.Release(reader.time(), reader.text()));
        }
        for (int left = reader.count(); left > 0; left--) {
            String id = reader.text();
            String connector = reader.text();
            int head = in.readUnsignedByte();
            station.sessions.put(
                    id,
                    new Known(
                            connector,
                            (head & ENDED) != 0,
                            reader.time(),
                            reader.time(),
                            (head & FREE) != 0 ? reader.time() : null));
        }
        return station;
    }

    private void event(String id, SessionEvent event, List<Outcome> outcomes) {
        outcomes.add(new Outcome.OfSession(id, event));
        Known before = sessions.remove(id);
        Known known =
                before == null
                        ? new Known(
                                event.connector(),
                                event.type() == EventType.ENDED,
                                event.time(),
                                event.time(),
                                null)
                        : before.and(event);
        boolean isWhereNow =
                before != null && before.connector().isEmpty() && !known.connector().isEmpty();
        if (!known.isEnded()) {
            known = tell(id, known, isWhereNow ? known.earliest() : event.time(), outcomes);
        }
        // The one that was last heard of is the last that is let go of.
        sessions.put(id, known);
        if (sessions.size() > MOST_SESSIONS) {
            Iterator<String> oldest = sessions.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
    }

    /** Of when its connector was free: from a time on, until the first after all of its events. */
    private Known tell(String id, Known session, Instant from, List<Outcome> outcomes) {
        Known told = session;
        for (StationMessage.Release release :
                releases.tailSet(new StationMessage.Release(from, ""))) {
            if (told.isWhere(release)) {
                outcomes.add(new Outcome.OfSession(id, impliedEnd(release)));
                told = told.told(release.time());
                // One at the very time of a start ends nothing.
                if (release.time().isAfter(told.latest())) {
                    return told;
                }
            }
        }
        return told;
    }

    private void release(StationMessage.Release release, List<Outcome> outcomes) {
        if (!releases.add(release)) {
            return;
        }
        if (releases.size() > MOST_RELEASES) {
            releases.pollFirst();
        }
        for (Map.Entry<String, Known> each : sessions.entrySet()) {
            Known session = each.getValue();
            if (!session.isEnded()
                    && session.isWhere(release)
                    && !release.time().isBefore(session.earliest())
                    && !session.isToldOf(release.time())) {
                outcomes.add(new Outcome.OfSession(each.getKey(), impliedEnd(release)));
                each.setValue(session.told(release.time()));
            }
        }
    }

    private static SessionEvent impliedEnd(StationMessage.Release release) {
        return new SessionEvent(
                EventType.IMPLIED_END,
                release.time(),
                OptionalLong.empty(),
                false,
                "",
                "",
                release.connector(),
                List.of());
    }

    private List<Outcome> keepStart(Waiting<SessionEvent> start) {
        return keep(starts, start)
                .<List<Outcome>>map(
                        oldest ->
                                List.of(
                                        new Outcome.NeverAnswered(
                                                oldest.messageId(), oldest.what())))
                .orElse(List.of());
    }

    /** Returns the one that has to go for it, if one has. */
    private static <T> Optional<Waiting<T>> keep(List<Waiting<T>> waiting, Waiting<T> one) {
        if (waiting.contains(one)) {
            return Optional.empty();
        }
        waiting.add(one);
        return waiting.size() > MOST_STARTS ? Optional.of(waiting.remove(0)) : Optional.empty();
    }

    private static <T> Optional<Waiting<T>> nearest(
            List<Waiting<T>> waiting, String messageId, Instant receivedAt) {
        return waiting.stream()
                .filter(each -> each.messageId().equals(messageId))
                .filter(each -> between(each, receivedAt).compareTo(LONGEST_ANSWER) <= 0)
                .min(Comparator.comparing(each -> between(each, receivedAt)));
    }

    private static Duration between(Waiting<?> waiting, Instant receivedAt) {
        return Duration.between(waiting.receivedAt(), receivedAt).abs();
    }
}
