package io.ponix.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.util.Timestamps;
import io.ponix.cli.simulation.EnvelopePublisher;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From frames of charging stations to sessions in both databases, through both jobs. */
class MeteredSessionsStackITCase {

    private static final Duration SOON = Duration.ofSeconds(90);
    private static final Pattern CREATED = Pattern.compile("Created the \\S+ (\\S+) ");
    private static final String OCPP = "sessions/src/main/resources/io/ponix/sessions/ocpp/";

    @TempDir private static Path home;

    private static PonixProcess ponix;

    @BeforeAll
    static void up() throws Exception {
        ponix = new PonixProcess(home);
        run(PonixProcess.upOnFreePorts());
    }

    @AfterAll
    static void down() throws Exception {
        assertThat(run("down", "--delete-data").errors())
                .contains("stopping the job with a savepoint")
                .contains("stopping the job metered-sessions with a savepoint");
    }

    @Test
    void stationsOfBothProtocolsHaveTheirSessionsInBothDatabases() throws Exception {
        // To a stack that runs: its pipeline did not publish what it decoded.
        assertThat(run("up", "--sessions").errors())
                .contains("the job begins anew: it publishes decoded envelopes from now on")
                .contains("submitting the job from savepoint-")
                .contains("submitting the job metered-sessions\n");
        station("cs-16", "ocpp-1.6.cel");
        station("cs-201", "ocpp-2.0.1.cel");

        publish(
                "cs-16",
                "[2,'m-1','StartTransaction',{'connectorId':1,'idTag':'CARD','meterStart':1000,'timestamp':'2026-12-01T10:00:00Z'}]",
                "[3,'m-1',{'transactionId':7,'idTagInfo':{'status':'Accepted'}}]",
                "[2,'m-2','StopTransaction',{'transactionId':7,'idTag':'CARD','meterStop':1083,'timestamp':'2026-12-01T11:00:00Z','reason':'Local'}]");
        publish(
                "cs-201",
                transactionEvent("Ended", 2, "11:00", "{'value':200,'context':'Transaction.End'"),
                transactionEvent(
                        "Started", 0, "10:00", "{'value':100.0,'context':'Transaction.Begin'"),
                transactionEvent("Updated", 1, "10:30", "{'value':150"));

        String sessions = "SELECT session_id, state, %s FROM %s ORDER BY session_id";
        String postgres = sessions.formatted("trunc(energy_wh)", "sessions");
        await().atMost(SOON)
                .untilAsserted(
                        () ->
                                assertThat(postgres(postgres))
                                        .isEqualTo("7 ended 83\ntx-1 ended 100000\n"));
        await().atMost(SOON)
                .untilAsserted(
                        () ->
                                assertThat(
                                                run(
                                                                "query",
                                                                sessions.formatted(
                                                                        "energy_wh",
                                                                        "metered_sessions FINAL"))
                                                        .output())
                                        .containsPattern("7\\W+ended\\W+83\\b")
                                        .containsPattern("tx-1\\W+ended\\W+100000\\b"));
    }

    private static String transactionEvent(String type, int sequence, String time, String sampled) {
        return ("[2,'%2$s','TransactionEvent',{'eventType':'%1$s','timestamp':'2026-12-01T%3$s:00Z','triggerReason':'MeterValuePeriodic','seqNo':%2$s,"
                        + "'transactionInfo':{'transactionId':'tx-1'},'meterValue':[{'timestamp':'2026-12-01T%3$s:00Z','sampledValue':["
                        + "%4$s,'unitOfMeasure':{'unit':'kWh'}}]}]}]")
                .formatted(type, sequence, time, sampled);
    }

    /** Registers a station that speaks a protocol, as docs/sessions.md says. */
    private static void station(String identity, String transform) throws Exception {
        String definition =
                created(
                        "definitions",
                        "create",
                        "--organization",
                        "org-001",
                        "--name",
                        transform,
                        "--file",
                        Path.of(System.getProperty("ponix.root"), OCPP, transform).toString());
        created(
                "devices",
                "create",
                "--organization",
                "org-001",
                "--name",
                identity,
                "--external-id",
                identity,
                "--definition",
                definition);
    }

    private static String created(String... arguments) throws Exception {
        Matcher created = CREATED.matcher(run(arguments).output());
        assertThat(created.find()).isTrue();
        return created.group(1);
    }

    private static void publish(String station, String... frames) {
        StackAddresses addresses = StackAddresses.read(home);
        try (EnvelopePublisher publisher =
                new EnvelopePublisher(
                        addresses.nats(), addresses.names().rawStream(), sequence -> {})) {
            for (String frame : List.of(frames)) {
                publisher.publish(
                        station,
                        RawEnvelope.newBuilder()
                                .setOrganizationId("org-001")
                                .setExternalId(station)
                                .setOccurredAt(Timestamps.fromMillis(System.currentTimeMillis()))
                                .setPayload(
                                        ByteString.copyFrom(
                                                frame.replace('\'', '"'), StandardCharsets.UTF_8))
                                .build()
                                .toByteArray());
            }
            publisher.flush();
        }
    }

    private static String postgres(String query) throws Exception {
        StringBuilder rows = new StringBuilder();
        try (Connection connection = StackAddresses.read(home).postgres().connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                for (int column = 1; column <= columns; column++) {
                    rows.append(column == 1 ? "" : " ").append(result.getString(column));
                }
                rows.append('\n');
            }
        }
        return rows.toString();
    }

    private static PonixProcess.Outcome run(String... arguments) throws Exception {
        PonixProcess.Outcome outcome = ponix.run(arguments);
        assertThat(outcome.status()).as("%s", outcome).isZero();
        return outcome;
    }
}
