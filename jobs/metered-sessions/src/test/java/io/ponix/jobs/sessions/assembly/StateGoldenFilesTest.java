package io.ponix.jobs.sessions.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.ponix.jobs.message.RawMessage;
import io.ponix.jobs.serialization.VersionedSerializer;
import io.ponix.jobs.sessions.event.SessionUpdate;
import io.ponix.jobs.sessions.event.SessionUpdateSerializer;
import io.ponix.jobs.sessions.event.StationEvent;
import io.ponix.jobs.sessions.event.StationEventSerializer;
import io.ponix.jobs.sessions.serialization.SerializedForm;
import io.ponix.sessions.EventType;
import io.ponix.sessions.MeterValue;
import io.ponix.sessions.SessionEvent;
import io.ponix.sessions.SessionHistory;
import io.ponix.sessions.message.StationMessage;
import io.ponix.sessions.station.Station;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What released versions wrote, as files: each must be restored for ever, and the current version
 * must write exactly its own. Stations and sessions are state; the others are in checkpoints only
 * when those are unaligned, as records on their way.
 */
class StateGoldenFilesTest {

    private static final RawMessage ORIGIN =
            new RawMessage("processed_envelopes", 42, "processed_envelopes.d", 1_000, new byte[0]);

    private static final Instant TIME = Instant.parse("2026-12-01T10:00:00Z");

    private static final SessionEvent EVENT =
            new SessionEvent(
                    EventType.STARTED,
                    TIME,
                    OptionalLong.of(1L << 40),
                    true,
                    "CARD",
                    "",
                    "1",
                    List.of(
                            MeterValue.register(TIME, MeterValue.BEGIN, 100),
                            new MeterValue(
                                    TIME,
                                    "Voltage",
                                    "",
                                    "",
                                    "L1",
                                    new BigDecimal("230.5"),
                                    "V",
                                    0)));

    /** Every version of one kind: the n-th value is what version n's file holds. */
    private record Kind<T>(String file, VersionedSerializer<T> serializer, List<T> valueOfVersion) {

        @Override
        public String toString() {
            return file;
        }
    }

    static Stream<Kind<?>> kinds() {
        return Stream.of(
                new Kind<>(
                        "station-event",
                        StationEventSerializer.INSTANCE,
                        List.of(
                                new StationEvent(
                                        "org",
                                        "s",
                                        ORIGIN,
                                        300,
                                        new StationMessage.StartRequest("7", EVENT)))),
                new Kind<>(
                        "session-update",
                        SessionUpdateSerializer.INSTANCE,
                        List.of(new SessionUpdate("org", "s", "tx", ORIGIN, 300, EVENT))),
                new Kind<>("station-state", StationStateSerializer.INSTANCE, List.of(station())),
                new Kind<>("session-state", SessionStateSerializer.INSTANCE, List.of(session())),
                new Kind<>(
                        "session-row",
                        SessionRowSerializer.INSTANCE,
                        List.of(
                                new SessionRow(
                                        "org",
                                        "s",
                                        "tx",
                                        7,
                                        true,
                                        TIME,
                                        null,
                                        "CARD",
                                        "Local",
                                        "1",
                                        new BigDecimal("0.5"),
                                        new BigDecimal("100"),
                                        null,
                                        true,
                                        1,
                                        List.of("GAPS"),
                                        3,
                                        1,
                                        2,
                                        9,
                                        ORIGIN))),
                new Kind<>(
                        "meter-value-row",
                        MeterValueRowSerializer.INSTANCE,
                        List.of(
                                new MeterValueRow(
                                        "org",
                                        "s",
                                        "tx",
                                        new UUID(1, 2),
                                        "1",
                                        EVENT.meterValues().get(1),
                                        5,
                                        ORIGIN))));
    }

    private static StationState station() {
        StationState state = new StationState(new Station(), ORIGIN);
        state.station().take(new StationMessage.StartRequest("7", EVENT), TIME);
        state.station().take(new StationMessage.OfSession("tx", EVENT), TIME);
        state.begin(TIME.toEpochMilli());
        state.setTimer(2_000);
        return state;
    }

    private static SessionState session() {
        SessionState state = new SessionState(new SessionHistory(), ORIGIN);
        state.history().add(EVENT);
        state.take(ORIGIN);
        state.leaveOut();
        state.setTimer(2_000);
        state.setIdle(true);
        return state;
    }

    @ParameterizedTest
    @MethodSource("kinds")
    <T> void everyVersionIsRestored(Kind<T> kind) throws Exception {
        for (int version = 1; version <= kind.valueOfVersion().size(); version++) {
            assertThat(
                            SerializedForm.read(
                                    kind.serializer(),
                                    HexFormat.of().formatHex(golden(kind.file(), version))))
                    .as("%s, version %d", kind.file(), version)
                    .usingRecursiveComparison()
                    .isEqualTo(kind.valueOfVersion().get(version - 1));
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    <T> void theCurrentVersionWritesItsGoldenFile(Kind<T> kind) throws Exception {
        int versions = kind.valueOfVersion().size();
        T value = kind.valueOfVersion().get(versions - 1);
        String written = SerializedForm.write(kind.serializer(), value);
        assertThat(HexFormat.fromHexDigits(written, 0, 2))
                .as("the version that %s is written in, of which there is a golden file", kind)
                .isEqualTo(versions);
        if (!written.equals(HexFormat.of().formatHex(golden(kind.file(), versions)))) {
            fail(
                    "Version %d of %s is written otherwise than in its golden file. A savepoint of a"
                            + " released version could not be restored, or would be read wrongly: write"
                            + " version %d, keep reading version %d, and add a golden file for version %d"
                            + " (xxd -r -p) with:%n%s",
                    versions, kind.file(), versions + 1, versions, versions + 1, written);
        }
        assertThat(kind.serializer().copy(value)).usingRecursiveComparison().isEqualTo(value);
        SerializedForm.assertGolden(kind.serializer(), value, written);
    }

    private static byte[] golden(String kind, int version) throws IOException {
        String file = "/state/" + kind + "-v" + version + ".bin";
        try (InputStream in = StateGoldenFilesTest.class.getResourceAsStream(file)) {
            assertThat(in).as("src/test/resources" + file).isNotNull();
            return in.readAllBytes();
        }
    }
}
