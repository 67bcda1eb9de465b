package io.ponix.jobs.sessions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.nats.client.api.MessageInfo;
import io.ponix.embedded.flink.FlinkCommandResult;
import io.ponix.jobs.sessions.SessionInputs.Expected;
import io.ponix.jobs.sessions.SessionInputs.Input;
import io.ponix.jobs.sessions.options.SessionsOptions;
import io.ponix.proto.dead_letter.v1.DeadLetter;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.dead_letter.v1.DeadLetterStage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.client.program.ProgramParametrizationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The job on a cluster, beside the servers it reads and writes. */
class MeteredSessionsITCase {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final String OF_POSTGRES =
            """
            SELECT station_id, session_id, state, energy_wh, token, array_to_string(ARRAY(SELECT unnest(flags) ORDER BY 1), ','),
                   events, duplicates, value_count,
                   (SELECT count(*) FROM session_meter_values v WHERE v.station_id = s.station_id AND v.session_id = s.session_id)
              FROM sessions s ORDER BY station_id, session_id
            """;

    private static final String OF_CLICKHOUSE =
            """
            SELECT station_id, session_id, state, ifNull(toString(energy_wh), ''), token, arrayStringConcat(arraySort(flags), ','),
                   events, duplicates, value_count, v.n
              FROM metered_sessions AS s FINAL
              LEFT JOIN (SELECT station_id, session_id, count() AS n FROM session_meter_values FINAL GROUP BY station_id, session_id) AS v
                USING (station_id, session_id)
             ORDER BY station_id, session_id
            """;

    /** All that a repeat could change. */
    private static final String AS_WRITTEN =
            "SELECT station_id, session_id, version, received_at, updated_at FROM sessions ORDER BY 1, 2";

    @TempDir private static Path home;

    private static SessionsStack stack;

    @BeforeAll
    static void start() throws Exception {
        stack = SessionsStack.start(home);
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void whatStationsSayIsRightInBothDatabasesAndStaysSo() throws Exception {
        stack.submit();
        requireThatASecondOneIsRefused();
        List<Input> inputs = SessionInputs.all();
        for (Input input : inputs) {
            publish(input.station(), input.messages().get(0));
        }
        List<List<String>> sessions = new ArrayList<>();
        inputs.stream()
                .flatMap(input -> input.sessions().stream())
                .map(MeteredSessionsITCase::row)
                .forEach(sessions::add);
        // The savepoint is of a time at which there were sessions.
        await().atMost(PATIENCE)
                .until(() -> stack.postgres("SELECT 1 FROM sessions").size() > inputs.size() / 2);
        String savepoint = stack.takeSavepoint();
        for (Input input : inputs) {
            for (String message : input.messages().subList(1, input.messages().size())) {
                publish(input.station(), message);
            }
        }
        requireSessions(sessions);
        requireReadings(inputs.stream().mapToInt(Input::readings).sum());
        requireALetterOfWhatIsNotUnderstood();

        stack.flink().taskManager(1).kill();
        sessions.add(publishAnother("after-kill"));
        stack.flink().taskManager(1).start();
        requireSessions(sessions);

        stack.killDatabases();
        sessions.add(publishAnother("databases-killed"));
        stack.startDatabases();
        requireSessions(sessions);

        List<List<String>> written = stack.postgres(AS_WRITTEN);
        stack.cancel();
        stack.submit("-s", savepoint);
        // The last of what is read again.
        sessions.add(publishAnother("after-savepoint"));
        requireSessions(sessions);
        assertThat(stack.postgres(AS_WRITTEN)).containsAll(written);
    }

    @ParameterizedTest
    @CsvSource({
        "--postgres-database=postgres, The table sessions in Postgres at, run the Postgres migrations",
        "--postgres-password=wrong, Postgres at, --postgres-password (PONIX_POSTGRES_PASSWORD)",
        "--clickhouse-database=nowhere, ClickHouse at, run the ClickHouse migrations",
        "--nats-url=nats://localhost:1, NATS, --nats-url",
        "--nats-password=wrong, NATS, --nats-password"
    })
    void whatAJobDependsOnIsLookedAtBeforeItIsSubmitted(String option, String what, String check) {
        SessionsOptions options =
                SessionsOptions.parse(new String[] {option}, stack.environment(), System.out)
                        .orElseThrow();
        assertThatThrownBy(
                        () ->
                                new Preflight(
                                                options,
                                                new Connectors(options),
                                                Optional.empty(),
                                                System.out)
                                        .check())
                .isInstanceOf(ProgramParametrizationException.class)
                .hasMessageContaining(what)
                .hasMessageContaining(check);
    }

    @Test
    void aRoleThatMayOnlyReadIsRefused() throws Exception {
        stack.execute(
                "CREATE ROLE reader LOGIN PASSWORD 'reader'; GRANT SELECT ON sessions TO reader");
        SessionsOptions options =
                SessionsOptions.parse(
                                new String[] {
                                    "--postgres-username=reader", "--postgres-password=reader"
                                },
                                stack.environment(),
                                System.out)
                        .orElseThrow();
        assertThatThrownBy(
                        () ->
                                new Preflight(
                                                options,
                                                new Connectors(options),
                                                Optional.empty(),
                                                System.out)
                                        .check())
                .hasMessageContaining("the role may not SELECT, INSERT and UPDATE there");
    }

    private static void requireThatASecondOneIsRefused() {
        FlinkCommandResult second = stack.run(List.of());
        assertThat(second.exitCode()).isNotZero();
        assertThat(second.output())
                .contains("The sessions of stream processed_envelopes in the database")
                .contains("--take-over");
    }

    private static void requireSessions(List<List<String>> expected) {
        await().atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(stack.postgres(OF_POSTGRES))
                                        .containsExactlyInAnyOrderElementsOf(expected));
        await().atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(stack.clickHouse(OF_CLICKHOUSE))
                                        .containsExactlyInAnyOrderElementsOf(expected));
    }

    private static void requireReadings(int count) throws Exception {
        assertThat(
                        stack.postgres(
                                "SELECT station_id, count(*), sum(value) FROM session_meter_values"
                                        + " WHERE session_id = '' GROUP BY 1"))
                .containsExactly(List.of("of-no-session", Integer.toString(count), "1000"));
        await().atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(
                                                stack.clickHouse(
                                                        "SELECT station_id, count() FROM"
                                                                + " session_meter_values FINAL WHERE"
                                                                + " session_id = '' GROUP BY 1"))
                                        .containsExactly(
                                                List.of("of-no-session", Integer.toString(count))));
    }

    private static void requireALetterOfWhatIsNotUnderstood() throws Exception {
        publish("odd", "{'type':'began','id':'tx'}");
        await().atMost(PATIENCE).until(() -> stack.messages("dead_letters").size() == 1);
        MessageInfo message = stack.messages("dead_letters").get(0);
        assertThat(message.getSubject()).isEqualTo("dead_letters.SESSION_EVENT_INVALID");
        DeadLetter letter = DeadLetter.parseFrom(message.getData());
        assertThat(letter.getReason())
                .isEqualTo(DeadLetterReason.DEAD_LETTER_REASON_SESSION_EVENT_INVALID);
        assertThat(letter.getStage()).isEqualTo(DeadLetterStage.DEAD_LETTER_STAGE_ASSEMBLE);
        assertThat(letter.getStream()).isEqualTo("processed_envelopes");
        assertThat(letter.getEndDeviceId()).isEqualTo("odd");
        assertThat(letter.getMessage()).startsWith("session.type is 'began'");
        assertThat(letter.getRawEnvelope().size()).isEqualTo(letter.getRawEnvelopeSize());
    }

    private static List<String> publishAnother(String station) throws Exception {
        publish(
                station,
                "["
                        + SessionInputs.started(
                                0, "", SessionInputs.register(0, "Transaction.Begin", 1_000))
                        + ","
                        + SessionInputs.ended(
                                1, 60, SessionInputs.register(60, "Transaction.End", 3_000))
                        + "]");
        return List.of(station, "tx", "ended", "2000", "CARD", "", "2", "0", "2", "2");
    }

    private static void publish(String station, String session) throws Exception {
        stack.publish(DecodedEnvelopes.of(DecodedEnvelopes.ORGANIZATION, station, session));
    }

    private static List<String> row(Expected expected) {
        return List.of(
                expected.station(),
                expected.session(),
                expected.state(),
                expected.energy() == null ? "" : expected.energy(),
                expected.token(),
                String.join(",", expected.flags()),
                Integer.toString(expected.events()),
                Integer.toString(expected.duplicates()),
                Integer.toString(expected.values()),
                Integer.toString(expected.values()));
    }
}
