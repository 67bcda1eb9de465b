package io.ponix.sessions.station;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.sessions.EventType;
import io.ponix.sessions.Flag;
import io.ponix.sessions.MeterValue;
import io.ponix.sessions.RecordedValue;
import io.ponix.sessions.Session;
import io.ponix.sessions.SessionEvent;
import io.ponix.sessions.SessionHistory;
import io.ponix.sessions.message.StationMessage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StationTest {

    private static final Instant START = Instant.parse("2026-12-01T10:00:00Z");
    private static final int ORDERS = 25;

    /** What the first version wrote: it is read for ever. */
    private static final String OF_VERSION_1 =
            "010100000137008084e090c668000000000200000131010000000000001d456e657267792e416374"
                    + "6976652e496d706f72742e526567697374657200000f53616d706c652e506572696f646963000006"
                    + "4f75746c6574020000025768000001000001380000016100000180d30e00030100000274780302bf"
                    + "a907000000c0a90700";

    /** A message, and when it was received. */
    private record Received(StationMessage message, Instant at) {}

    static IntStream seeds() {
        return IntStream.range(0, 200);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void sessionsAreTheSameInWhateverOrderMessagesComeAndHoweverOften(int seed) {
        Random random = new Random(seed);
        List<Received> messages = day(random);
        Map<String, Session> expected = sessions(messages, random);
        for (int order = 0; order < ORDERS; order++) {
            List<Received> shuffled = new ArrayList<>(messages);
            messages.stream().filter(each -> random.nextInt(4) == 0).forEach(shuffled::add);
            Collections.shuffle(shuffled, random);
            assertThat(sessions(shuffled, random)).as("%s", shuffled).isEqualTo(expected);
        }
    }

    @Test
    void aStartHasItsIdByTheAnswerWhicheverComesFirst() {
        SessionEvent start = event(EventType.STARTED, 0, "1");
        StationMessage request = new StationMessage.StartRequest("7", start);
        StationMessage answer = new StationMessage.StartAnswer("7", "42");
        Outcome started = new Outcome.OfSession("42", start);
        Station station = new Station();
        assertThat(station.take(request, at(0))).isEmpty();
        assertThat(station.isWaiting()).isTrue();
        assertThat(station.knows("42")).isFalse();
        assertThat(station.take(answer, at(1))).containsExactly(started);
        assertThat(station.isWaiting()).isFalse();
        assertThat(station.knows("42")).isTrue();
        assertThat(station.take(request, at(1))).containsExactly(started);
        assertThat(new Station().take(answer, at(1))).isEmpty();
        station = new Station();
        station.take(answer, at(1));
        assertThat(station.take(request, at(0))).containsExactly(started);
    }

    /** A station that counts anew gives the id of a message once more. */
    @Test
    void anAnswerOfAnotherHourIsOfAnotherStart() {
        Station station = new Station();
        SessionEvent later = event(EventType.STARTED, 120, "1");
        station.take(new StationMessage.StartAnswer("1", "a"), at(0));
        assertThat(station.take(new StationMessage.StartRequest("1", later), at(120))).isEmpty();
        assertThat(station.take(new StationMessage.StartAnswer("1", "b"), at(120)))
                .containsExactly(new Outcome.OfSession("b", later));
    }

    @Test
    void aStartThatNobodyAnswersIsTold() {
        Station station = new Station();
        SessionEvent start = event(EventType.STARTED, 0, "1");
        station.take(new StationMessage.StartRequest("7", start), at(0));
        assertThat(station.forget(at(10), Duration.ofDays(1))).isEmpty();
        assertThat(station.forget(at(11), Duration.ofDays(1)))
                .containsExactly(new Outcome.NeverAnswered("7", start));
        assertThat(station.isEmpty()).isTrue();
    }

    @Test
    void aFreeConnectorEndsItsSessionsAndNoOthers() {
        List<Received> messages =
                List.of(
                        received(of("one", EventType.STARTED, 0, "1")),
                        received(of("two", EventType.STARTED, 0, "2")),
                        received(of("later", EventType.STARTED, 50, "1")),
                        received(new StationMessage.Release(at(30), "1")));
        Map<String, Session> sessions = sessions(messages, new Random(0));
        assertThat(sessions.get("one").isEnded()).isTrue();
        assertThat(sessions.get("one").end()).contains(at(30));
        assertThat(sessions.get("one").flags()).contains(Flag.CLOSED_BY_IMPLICATION);
        assertThat(sessions.get("two").isEnded()).isFalse();
        assertThat(sessions.get("later").isEnded()).isFalse();
    }

    @Test
    void aStationThatStartedAnewEndsAll() {
        Map<String, Session> sessions =
                sessions(
                        List.of(
                                received(new StationMessage.Release(at(30), "")),
                                received(of("one", EventType.STARTED, 0, "1")),
                                received(of("nowhere", EventType.STARTED, 0, ""))),
                        new Random(0));
        assertThat(sessions.values()).allMatch(Session::isEnded);
    }

    /** It says so every minute while nothing is connected. */
    @Test
    void aConnectorThatStaysFreeIsToldOnce() {
        Station station = new Station();
        station.take(of("one", EventType.STARTED, 0, "1"), at(0));
        assertThat(station.take(new StationMessage.Release(at(30), "1"), at(30))).hasSize(1);
        for (int minute = 31; minute < 40; minute++) {
            assertThat(station.take(new StationMessage.Release(at(minute), "1"), at(minute)))
                    .isEmpty();
        }
    }

    @Test
    void whatIsRememberedIsBounded() {
        Station station = new Station();
        for (int i = 0; i <= Station.MOST_STARTS; i++) {
            SessionEvent start = event(EventType.STARTED, i, "1");
            List<Outcome> outcomes =
                    station.take(new StationMessage.StartRequest("m" + i, start), at(0));
            assertThat(outcomes).hasSize(i < Station.MOST_STARTS ? 0 : 1);
            station.take(of("s" + i, EventType.STARTED, i, "1"), at(i));
            station.take(new StationMessage.Release(at(i), "2"), at(i));
        }
        assertThat(station.take(new StationMessage.Release(at(5_000), "1"), at(5_000)))
                .hasSize(Station.MOST_SESSIONS);
        station.forget(at(20_000), Duration.ofMinutes(1));
        assertThat(station.isEmpty()).isTrue();
    }

    @Test
    void aLaterVersionIsNamed() {
        byte[] later = written(new Station());
        later[0] = 9;
        assertThatThrownBy(() -> read(later))
                .hasRootCauseMessage("a station of the version 9: this program reads 1");
    }

    @Test
    void theFirstVersionIsRead() {
        Station station = new Station();
        station.take(new StationMessage.StartRequest("7", event(EventType.STARTED, 0, "1")), at(0));
        station.take(new StationMessage.StartAnswer("8", "a"), at(0));
        station.take(of("tx", EventType.STARTED, 1, "1"), at(1));
        station.take(new StationMessage.Release(at(2), "1"), at(2));
        assertThat(HexFormat.of().formatHex(written(read(HexFormat.of().parseHex(OF_VERSION_1)))))
                .isEqualTo(OF_VERSION_1)
                .isEqualTo(HexFormat.of().formatHex(written(station)));
    }

    @Test
    void whatIsOfNoSessionIsPassedOn() {
        StationMessage.Reading reading = new StationMessage.Reading("1", List.of());
        assertThat(new Station().take(reading, at(0))).containsExactly(new Outcome.OfNone(reading));
    }

    /** Sessions that begin, go on and end, or not, and connectors that are free in between. */
    private static List<Received> day(Random random) {
        List<Received> messages = new ArrayList<>();
        int count = 1 + random.nextInt(5);
        for (int number = 0; number < count; number++) {
            String id = "tx" + number;
            int minute = random.nextInt(60);
            String connector = random.nextBoolean() ? "1" : "2";
            if (random.nextBoolean()) {
                messages.add(received(of(id, EventType.STARTED, minute, connector)));
            } else {
                String messageId = "m" + number;
                messages.add(
                        new Received(
                                new StationMessage.StartRequest(
                                        messageId, event(EventType.STARTED, minute, connector)),
                                at(minute)));
                messages.add(
                        new Received(new StationMessage.StartAnswer(messageId, id), at(minute)));
            }
            for (int more = random.nextInt(4); more > 0; more--) {
                minute += random.nextInt(10);
                messages.add(
                        received(
                                of(
                                        id,
                                        EventType.UPDATED,
                                        minute,
                                        random.nextBoolean() ? connector : "")));
            }
            if (random.nextInt(3) == 0) {
                messages.add(received(of(id, EventType.ENDED, minute + 1, "")));
            }
        }
        for (int more = random.nextInt(6); more > 0; more--) {
            messages.add(
                    received(
                            new StationMessage.Release(
                                    at(random.nextInt(90)),
                                    random.nextInt(4) == 0
                                            ? ""
                                            : random.nextBoolean() ? "1" : "2")));
        }
        return messages;
    }

    /** Some time on the way the program is another. */
    private static Map<String, Session> sessions(List<Received> messages, Random random) {
        Station station = new Station();
        Map<String, SessionHistory> histories = new TreeMap<>();
        for (Received received : messages) {
            if (random.nextInt(4) == 0) {
                station = read(written(station));
            }
            for (Outcome outcome : station.take(received.message(), received.at())) {
                Outcome.OfSession of = (Outcome.OfSession) outcome;
                histories
                        .computeIfAbsent(of.sessionId(), id -> new SessionHistory())
                        .add(of.event());
            }
        }
        Map<String, Session> sessions = new TreeMap<>();
        histories.forEach((id, history) -> sessions.put(id, withoutArrivals(history.session())));
        return sessions;
    }

    private static byte[] written(Station station) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            station.writeTo(new DataOutputStream(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static Station read(byte[] bytes) {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        try {
            Station station = Station.readFrom(in);
            assertThat(in.available()).isZero();
            return station;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
                        .map(each -> new RecordedValue(each.value(), 0))
                        .toList());
    }

    private static Received received(StationMessage message) {
        return new Received(message, START);
    }

    private static StationMessage of(String id, EventType type, int minute, String connector) {
        return new StationMessage.OfSession(id, event(type, minute, connector));
    }

    private static SessionEvent event(EventType type, int minute, String connector) {
        return new SessionEvent(
                type,
                at(minute),
                OptionalLong.empty(),
                false,
                "",
                "",
                connector,
                List.of(MeterValue.register(at(minute), MeterValue.PERIODIC, 10L * minute)));
    }

    private static Instant at(int minute) {
        return START.plusSeconds(60L * minute);
    }
}
