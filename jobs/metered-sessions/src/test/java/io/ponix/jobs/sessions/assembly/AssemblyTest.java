package io.ponix.jobs.sessions.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.jobs.deadletter.DeadLetter;
import io.ponix.jobs.sessions.DecodedEnvelopes;
import io.ponix.jobs.sessions.SessionInputs;
import io.ponix.jobs.sessions.SessionInputs.Expected;
import io.ponix.jobs.sessions.SessionInputs.Input;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** From decoded envelopes to rows, by the operators of the job. */
class AssemblyTest {

    static List<Input> inputs() {
        return SessionInputs.all();
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void whatStationsWereSeenToSendComesToTheRightSessions(Input input) throws Exception {
        try (Assembly assembly = new Assembly()) {
            for (String message : input.messages()) {
                assembly.publish(input.station(), message);
            }
            assertThat(assembly.letters()).isEmpty();
            assertThat(assembly.rows().values())
                    .extracting(AssemblyTest::expected)
                    .containsExactlyInAnyOrderElementsOf(input.sessions());
            assertThat(assembly.values())
                    .filteredOn(value -> value.sessionId().isEmpty())
                    .hasSize(input.readings());
            assertThat(assembly.values())
                    .filteredOn(value -> !value.sessionId().isEmpty())
                    .hasSize(input.sessions().stream().mapToInt(Expected::values).sum());
            assertThat(assembly.values()).extracting(MeterValueRow::id).doesNotHaveDuplicates();
        }
    }

    private static Expected expected(SessionRow row) {
        return new Expected(
                row.stationId(),
                row.sessionId(),
                row.state(),
                row.energy() == null ? null : row.energy().toPlainString(),
                row.token(),
                row.flags().stream().sorted().toList(),
                row.events(),
                row.duplicates(),
                (int) row.values());
    }

    @Test
    void twoOrganizationsMayHaveTheSameStation() throws Exception {
        try (Assembly assembly = new Assembly()) {
            for (String organization : List.of("a", "b")) {
                assembly.publish(organization, "s", started());
            }
            assertThat(assembly.rows().keySet())
                    .containsExactly(List.of("a", "s", "tx"), List.of("b", "s", "tx"));
        }
    }

    @Test
    void anEnvelopeMayTellOfSeveralStations() throws Exception {
        try (Assembly assembly = new Assembly()) {
            assembly.publish(
                    "gateway",
                    "[{'type':'started','id':'1','station':'a'},{'type':'started','id':'1','station':'b'},{'type':'started','id':'1'}]");
            assertThat(assembly.rows().values())
                    .extracting(SessionRow::stationId)
                    .containsExactly("a", "b", "gateway");
            assertThat(assembly.row("a", "1").startedAt())
                    .isEqualTo(Instant.ofEpochMilli(DecodedEnvelopes.OCCURRED_AT));
        }
    }

    @Test
    void anEnvelopeThatTellsOfNoSessionPasses() throws Exception {
        try (Assembly assembly = new Assembly()) {
            assembly.publish(
                    DecodedEnvelopes.ofRow("org", "d", "{\"temperature\":21}").toByteArray());
            assertThat(assembly.rows()).isEmpty();
            assertThat(assembly.letters()).isEmpty();
        }
    }

    @Test
    void everyEventIsTellingAGreaterVersion() throws Exception {
        try (Assembly assembly = new Assembly()) {
            assembly.publish("s", started());
            assembly.publish("s", updated(1, 10));
            assembly.publish("s", updated(1, 10));
            assertThat(assembly.told()).extracting(SessionRow::version).containsExactly(2L, 4L, 6L);
            assertThat(assembly.told()).extracting(SessionRow::duplicates).containsExactly(0, 0, 1);
        }
    }

    @Test
    void whatIsToldAgainFromAnOlderStateUndoesNothing() throws Exception {
        List<OperatorSubtaskState> states;
        Map<List<String>, SessionRow> rows;
        List<String> rest = List.of(updated(1, 10), updated(2, 20), ended(3, 30));
        try (Assembly assembly = new Assembly()) {
            assembly.publish("s", started());
            states = assembly.states();
            for (String message : rest) {
                assembly.publish("s", message);
            }
            assembly.pass(Duration.ofHours(25));
            rows = assembly.rows();
        }
        try (Assembly again = new Assembly(Assembly.SETTINGS, states)) {
            for (String message : rest) {
                again.publish("s", message);
            }
            assertThat(again.row("s"))
                    .usingRecursiveComparison()
                    .ignoringFields("origin")
                    .isEqualTo(rows.get(List.of("org", "s", "tx")));
        }
    }

    @Test
    void aSessionThatIsNotHeardOfForLongIsOverUntilItIs() throws Exception {
        try (Assembly assembly = new Assembly()) {
            assembly.publish("s", started());
            assembly.publish("s", updated(1, 10));
            assembly.pass(Duration.ofHours(23));
            assertThat(assembly.row("s").state()).isEqualTo("ongoing");
            assembly.pass(Duration.ofHours(2));
            assertThat(assembly.row("s").state()).isEqualTo("ended");
            assertThat(assembly.row("s").flags()).containsExactly("CLOSED_BY_IDLENESS");
            assertThat(assembly.row("s").endedAt()).isEqualTo(Instant.parse(SessionInputs.at(10)));
            assembly.publish("s", updated(2, 20));
            assertThat(assembly.row("s").state()).isEqualTo("ongoing");
            assertThat(assembly.row("s").flags()).isEmpty();
            assertThat(assembly.row("s").endedAt()).isNull();
            // Whatever the station's clock says.
            assembly.pass(Duration.ofHours(25));
            assertThat(assembly.row("s").flags()).containsExactly("CLOSED_BY_IDLENESS");
        }
    }

    @Test
    void aLateEventChangesASessionThatIsOver() throws Exception {
        try (Assembly assembly = new Assembly()) {
            assembly.publish("s", started());
            assembly.publish("s", ended(2, 60));
            assembly.pass(Duration.ofDays(29));
            assembly.publish("s", updated(1, 30));
            assertThat(assembly.row("s").isComplete()).isTrue();
            assertThat(assembly.row("s").state()).isEqualTo("ended");
        }
    }

    @Test
    void nothingIsKeptForEver() throws Exception {
        try (Assembly assembly = new Assembly()) {
            assembly.publish("s", started());
            assembly.publish("s", ended(2, 60));
            assembly.publish("t", "{'type':'started','id':'x','time':'2099-01-01T00:00:00Z'}");
            assembly.publish("u", "{'type':'released'}");
            assertThat(assembly.stateEntries()).isEqualTo(5);
            assembly.pass(Duration.ofDays(31));
            assertThat(assembly.stateEntries()).isZero();
        }
    }

    @Test
    void aStartThatNobodyAnswersIsOfNoSession() throws Exception {
        try (Assembly assembly = new Assembly()) {
            assembly.publish(
                    "s",
                    "{'type':'started','message_id':'7','connector':1,'meter_values':[{'value':1000}]}");
            assembly.pass(Duration.ofMinutes(9));
            assertThat(assembly.values()).isEmpty();
            assembly.pass(Duration.ofMinutes(2));
            assertThat(assembly.values()).hasSize(1);
            assertThat(assembly.values().get(0).sessionId()).isEmpty();
            assertThat(assembly.values().get(0).connector()).isEqualTo("1");
            assertThat(assembly.rows()).isEmpty();
        }
    }

    @Test
    void aMessageThatIsNotUnderstoodIsADeadLetterAndNoOtherWithIt() throws Exception {
        try (Assembly assembly = new Assembly()) {
            assembly.publish(
                    "s",
                    "[{'type':'started','id':'tx'},{'type':'began','id':'tx'},{'type':'ended','id':'"
                            + "x".repeat(10_000)
                            + "'}]");
            assertThat(assembly.rows()).hasSize(1);
            DeadLetter letter = only(assembly);
            assertThat(letter.message())
                    .contains("session[1].type is 'began'")
                    .contains("session[2].id has 10000 characters, more than 255");
            assertThat(letter.organizationId()).isEqualTo("org");
            assertThat(letter.endDeviceId()).isEqualTo("s");
            assertThat(letter.origin().data()).hasSize(letter.originSize());
        }
    }

    @Test
    void whatIsNoEnvelopeIsADeadLetter() throws Exception {
        try (Assembly assembly = new Assembly()) {
            assembly.publish(new byte[] {-1});
            assertThat(only(assembly).message()).contains("no ProcessedEnvelope");
        }
    }

    @Test
    void anEnvelopeOfNobodyIsADeadLetter() throws Exception {
        try (Assembly assembly = new Assembly()) {
            assembly.publish("", "s", started());
            assertThat(only(assembly).message()).contains("names no organization");
        }
        try (Assembly assembly = new Assembly()) {
            assembly.publish("org", "", started());
            assertThat(only(assembly).message()).contains("names a station");
        }
        try (Assembly assembly = new Assembly()) {
            assembly.publish("o".repeat(600), "s".repeat(601), started());
            assertThat(only(assembly).message()).contains("more than 1200 bytes");
        }
    }

    @Test
    void oddValuesAreKeptOrLeftOut() throws Exception {
        try (Assembly assembly = new Assembly()) {
            assembly.publish(
                    "s",
                    "{'type':'started','id':'tx','seq':2147483648,'time':'1970-01-01T00:00:00Z','meter_values':["
                            + "{'value':'NaN'},{'value':-5},{'value':7,'unit':'BTU'}]}");
            assembly.publish(
                    "s",
                    "{'type':'ended','id':'tx','seq':2147483650,'time':'2099-01-01T00:00:00Z'}");
            assertThat(assembly.letters()).isEmpty();
            SessionRow row = assembly.row("s");
            assertThat(row.missing()).isEqualTo(1);
            assertThat(row.values()).isEqualTo(2);
            assertThat(row.energy()).isNull();
            assertThat(row.flags()).contains("UNUSABLE_REGISTER", "GAPS");
        }
    }

    @Test
    void aSessionHasSoMuchAndEndsAllTheSame() throws Exception {
        AssemblySettings small =
                new AssemblySettings(Duration.ofHours(24), Duration.ofDays(30), 10, 10_000);
        try (Assembly assembly = new Assembly(small)) {
            assembly.publish("s", started());
            assembly.publish("s", updated(1, 10));
            for (int i = 2; i < 10; i++) {
                assembly.publish("s", updated(i, 10 + i));
            }
            assembly.publish("s", ended(10, 60));
            SessionRow row = assembly.row("s");
            assertThat(row.state()).isEqualTo("ended");
            assertThat(row.flags()).contains("VALUES_LEFT_OUT");
            assertThat(row.energy()).isEqualByComparingTo(new BigDecimal("60"));
            assertThat(row.leftOut()).isEqualTo(6);
            assertThat(assembly.letters()).hasSize(6);
            DeadLetter letter = assembly.letters().get(0);
            assertThat(letter.reason())
                    .isEqualTo(DeadLetterReason.DEAD_LETTER_REASON_SESSION_EVENT_INVALID);
            assertThat(letter.message()).contains("--session-max-size");
            // Its bytes are in the stream only.
            assertThat(letter.origin().data()).isEmpty();
            assertThat(letter.originSize()).isPositive();
        }
    }

    @Test
    void aStationMayBeginSoManySessions() throws Exception {
        AssemblySettings few =
                new AssemblySettings(Duration.ofHours(24), Duration.ofDays(30), 200_000, 3);
        try (Assembly assembly = new Assembly(few)) {
            for (int i = 0; i < 5; i++) {
                assembly.publish("s", "{'type':'started','id':" + i + "}");
            }
            assembly.publish("s", "{'type':'ended','id':0}");
            assertThat(assembly.rows()).hasSize(3);
            assertThat(assembly.row("s", "0").state()).isEqualTo("ended");
            assertThat(assembly.letters()).hasSize(2);
            assertThat(assembly.letters().get(0).message()).contains("--session-max-per-station");
            // After the time that sessions are kept it may again.
            assembly.pass(Duration.ofDays(32));
            assembly.publish("s", "{'type':'started','id':7}");
            assertThat(assembly.row("s", "7")).isNotNull();
        }
    }

    @Test
    void aLargeSessionIsToldOfNowAndThen() throws Exception {
        try (Assembly assembly = new Assembly()) {
            assembly.publish("s", started());
            for (int message = 0; message < 20; message++) {
                int first = message;
                assembly.publish(
                        "s",
                        SessionInputs.updated(
                                message + 1,
                                10,
                                IntStream.range(0, 100)
                                        .mapToObj(
                                                i ->
                                                        SessionInputs.register(
                                                                10,
                                                                "Sample.Periodic",
                                                                first * 100L + i))
                                        .toArray(String[]::new)));
            }
            assertThat(assembly.told()).hasSizeLessThan(15);
            assertThat(assembly.values()).hasSize(2_001);
            assembly.passByTheClock(Duration.ofSeconds(1));
            assertThat(assembly.row("s").values()).isEqualTo(2_001);
            assertThat(assembly.row("s").events()).isEqualTo(21);
        }
    }

    @Test
    void aHundredThousandValuesOfOneMessageAreASession() throws Exception {
        try (Assembly assembly = new Assembly()) {
            assembly.publish("s", started());
            assembly.publish(
                    "s",
                    SessionInputs.updated(
                            1,
                            10,
                            Collections.nCopies(100_000, "{'value':7}").toArray(String[]::new)));
            assembly.publish("s", ended(2, 60));
            assembly.passByTheClock(Duration.ofMinutes(1));
            assertThat(assembly.letters()).isEmpty();
            assertThat(assembly.row("s").values()).isEqualTo(100_002);
            assertThat(assembly.row("s").energy()).isEqualByComparingTo("60");
            assertThat(assembly.values()).hasSize(100_002);
        }
    }

    private static DeadLetter only(Assembly assembly) {
        assertThat(assembly.letters()).hasSize(1);
        return assembly.letters().get(0);
    }

    private static String started() {
        return SessionInputs.started(0, "", SessionInputs.register(0, "Transaction.Begin", 0));
    }

    private static String updated(int sequence, int minute) {
        return SessionInputs.updated(
                sequence, minute, SessionInputs.register(minute, "Sample.Periodic", minute));
    }

    private static String ended(int sequence, int minute) {
        return SessionInputs.ended(
                sequence, minute, SessionInputs.register(minute, "Transaction.End", minute));
    }
}
