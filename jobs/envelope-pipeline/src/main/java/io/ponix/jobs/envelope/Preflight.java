package io.ponix.jobs.envelope;

import io.nats.client.api.StreamConfiguration;
import io.ponix.client.clickhouse.ClickHouseException;
import io.ponix.client.clickhouse.ClickHouseVariable;
import io.ponix.client.nats.NatsAccessException;
import io.ponix.client.nats.NatsVariable;
import io.ponix.client.postgres.PostgresVariable;
import io.ponix.connector.nats.JetStreamAdmin;
import io.ponix.connector.nats.NatsPermissions;
import io.ponix.connector.postgres.cdc.publication.PublicationState;
import io.ponix.jobs.envelope.announcements.AnnouncedChange;
import io.ponix.jobs.envelope.announcements.AnnouncedTable;
import io.ponix.jobs.envelope.options.NatsOptions;
import io.ponix.jobs.envelope.options.PipelineOptions;
import io.ponix.jobs.envelope.options.PostgresOptions;
import io.ponix.jobs.envelope.store.PlainJsonColumn;
import io.ponix.jobs.options.GivenVariables;
import io.ponix.jobs.options.Retention;
import io.ponix.jobs.preflight.OutputStreams;
import io.ponix.jobs.preflight.OwnStreams;
import io.ponix.jobs.preflight.Refusal;
import io.ponix.jobs.preflight.TableDurability;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.deadletter.DeadLetterReasons;
import java.io.IOException;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.flink.client.program.ProgramParametrizationException;

/**
 * Looks at everything the job depends on before it is submitted, so that a mistake is an answer on
 * the command line and not a job that restarts for ever. Creates the streams that are missing; an
 * existing one is never changed.
 */
final class Preflight {

    /**
     * Of each kind. Who was away for longer than that many changes asks the service; what is told
     * apart by age would be lost to a reader where little changes.
     */
    private static final long ANNOUNCED_CHANGES_KEPT = 100_000;

    private final PipelineOptions options;
    private final Connectors connectors;
    private final OtherActiveJobs otherJobs;
    private final PrintStream notes;

    /**
     * @param jobId of the job, where it is known before the submission
     * @param notes takes what a person should know, although the job can do with it
     */
    Preflight(
            PipelineOptions options,
            Connectors connectors,
            Optional<String> jobId,
            PrintStream notes) {
        this.options = options;
        this.connectors = connectors;
        this.otherJobs = new OtherActiveJobs(options, connectors.lease(), jobId, notes);
        this.notes = notes;
    }

    /**
     * Checks all of it.
     *
     * @throws ProgramParametrizationException for the first thing that is wrong; the message names
     *     the options to change
     * @throws InterruptedException if the thread is interrupted
     */
    void check() throws InterruptedException {
        checkNats();
        checkPostgres();
        checkClickHouse();
        // The last, as it may take some seconds.
        otherJobs.check();
    }

    private void checkNats() throws InterruptedException {
        NatsOptions nats = options.nats();
        try (JetStreamAdmin admin = JetStreamAdmin.connect(nats.connection())) {
            checkPermissions(admin.permissions());
            if (admin.findStream(nats.rawStream()).isEmpty()) {
                // A name that is mistyped, perhaps: of a job that is refused nothing is created.
                otherJobs.checkIfSlotIsInUse();
            }
            OwnStreams streams = new OwnStreams(admin, nats.streamReplicas(), notes);
            StreamConfiguration raw =
                    streams.ensure(
                            streams.describe(nats.rawStream(), nats.rawRetention())
                                    .subjects(nats.rawSubjects())
                                    .build());
            // It can be read all the same.
            OwnStreams.storesNothing(raw)
                    .ifPresent(
                            problem ->
                                    notes.println("The stream '" + raw.getName() + "' " + problem));
            OutputStreams outputs = new OutputStreams(admin, streams, notes);
            outputs.ensureDeadLetters(nats.deadLettersStream(), nats.deadLetterRetention());
            if (nats.publishProcessedEnvelopes()) {
                outputs.ensure(
                        "--processed-envelopes-stream",
                        streams.describe(nats.processedEnvelopesStream(), nats.rawRetention()),
                        nats.processedEnvelopesStream(),
                        "*",
                        "device");
            }
            for (Map.Entry<AnnouncedTable, String> announced : nats.announcements().entrySet()) {
                outputs.ensure(
                        announced.getKey().streamSetting()
                                + ", or announce nothing of the kind with "
                                + announced.getKey().option()
                                + "=false",
                        streams.describe(announced.getValue(), Retention.FOR_EVER)
                                .maxMessagesPerSubject(ANNOUNCED_CHANGES_KEPT),
                        announced.getValue(),
                        "*",
                        Arrays.stream(AnnouncedChange.Operation.values())
                                .map(AnnouncedChange.Operation::token)
                                .toArray(String[]::new));
            }
            connectors.rawEnvelopes().preflight();
        } catch (NatsAccessException e) {
            throw Refusal.of(
                    "NATS refuses the job: " + e.getMessage(),
                    e.toBlame().isEmpty()
                            ? "what the server permits the user of --nats-username, --nats-token or"
                                    + " --nats-credentials-file"
                            : names(e.toBlame(), NatsVariable::variable),
                    e);
        } catch (IOException e) {
            throw Refusal.of(
                    "NATS at "
                            + nats.connection().redactedServers()
                            + " cannot be used: "
                            + e.getMessage(),
                    "--nats-url, --nats-raw-stream and --nats-raw-partitions (PONIX_NATS_…)",
                    e);
        }
    }

    /** All of them first: a request that is not permitted is never answered. */
    private void checkPermissions(NatsPermissions permissions) throws IOException {
        NatsOptions nats = options.nats();
        permissions
                .toReceiveAnswers()
                .toListStreams()
                .toDescribe(nats.rawStream())
                .toLookUpMessages(nats.rawStream())
                .toConsume(nats.rawStream(), nats.rawSubjects())
                .toDescribe(nats.deadLettersStream())
                .toConsume(
                        nats.deadLettersStream(),
                        List.of(DeadLetterReasons.subjects(nats.deadLettersStream())))
                .toPublish(
                        DeadLetterReasons.subject(
                                nats.deadLettersStream(),
                                DeadLetterReason.DEAD_LETTER_REASON_MALFORMED_ENVELOPE));
        if (nats.publishProcessedEnvelopes()) {
            permissions
                    .toDescribe(nats.processedEnvelopesStream())
                    .toPublish(nats.processedEnvelopesStream() + ".device");
        }
        for (String stream : nats.announcements().values()) {
            permissions.toDescribe(stream);
            for (AnnouncedChange.Operation operation : AnnouncedChange.Operation.values()) {
                permissions.toPublish(stream + "." + operation.token());
            }
        }
        connectors.lease().checkPermissions(permissions);
        permissions.require();
    }

    private void checkPostgres() {
        PostgresOptions postgres = options.postgres();
        try (Connection connection = postgres.connection().connect()) {
            String walLevel = one(connection, "SHOW wal_level");
            if (!"logical".equals(walLevel)) {
                throw Refusal.of(
                        "Postgres at "
                                + postgres.connection().address()
                                + " has wal_level = "
                                + walLevel
                                + "; changes can be read only with wal_level = logical (and a"
                                + " restart of the server)",
                        "--postgres-host and --postgres-port",
                        null);
            }
            List<String> problems =
                    PublicationState.observe(
                                    connection,
                                    postgres.publicationName(),
                                    connectors.publishedTables())
                            .problems();
            if (!problems.isEmpty()) {
                throw Refusal.of(
                        "Changes in Postgres at "
                                + postgres.connection().address()
                                + " would not reach the job: "
                                + String.join("; ", problems)
                                + ". Run the Postgres migrations, or what is said here",
                        "--postgres-database or --cdc-publication-name",
                        null);
            }
        } catch (SQLException e) {
            throw postgresCannotBeUsed(postgres, e);
        }
    }

    static ProgramParametrizationException postgresCannotBeUsed(
            PostgresOptions postgres, SQLException cause) {
        return Refusal.of(
                "Postgres at " + postgres.connection() + " cannot be used: " + cause.getMessage(),
                names(postgres.connection().toBlame(cause), PostgresVariable::variable),
                cause);
    }

    private static <V> String names(List<V> variables, Function<V, String> variable) {
        return variables.stream()
                .map(each -> GivenVariables.name(variable.apply(each)))
                .collect(Collectors.joining(", "));
    }

    private static String one(Connection connection, String query) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query);
                ResultSet result = statement.executeQuery()) {
            result.next();
            return result.getString(1);
        }
    }

    private void checkClickHouse() throws InterruptedException {
        try {
            connectors.rows().preflight();
            Optional<String> problem =
                    PlainJsonColumn.problem(
                            options.clickHouse().connection(), options.clickHouse().table());
            if (problem.isPresent()) {
                throw Refusal.of(
                        "Readings would not be stored as they are: " + problem.get(),
                        "--clickhouse-table",
                        null);
            }
            TableDurability.missing(options.clickHouse().connection(), options.clickHouse().table())
                    .forEach(notes::println);
        } catch (IOException e) {
            throw Refusal.of(
                    "ClickHouse at "
                            + String.join(", ", options.clickHouse().connection().urls())
                            + " cannot be used: "
                            + e.getMessage(),
                    (e instanceof ClickHouseException refusal
                                    ? names(refusal.toBlame(), ClickHouseVariable::variable)
                                    : "--clickhouse-url, --clickhouse-database, --clickhouse-username,"
                                            + " --clickhouse-password and --clickhouse-table"
                                            + " (PONIX_CLICKHOUSE_…)")
                            + ", or run the ClickHouse migrations",
                    e);
        }
    }
}
