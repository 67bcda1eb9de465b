package io.ponix.jobs.sessions;

import io.ponix.client.clickhouse.ClickHouseException;
import io.ponix.client.clickhouse.ClickHouseVariable;
import io.ponix.client.nats.NatsAccessException;
import io.ponix.client.nats.NatsVariable;
import io.ponix.client.postgres.PostgresSettings;
import io.ponix.client.postgres.PostgresVariable;
import io.ponix.connector.nats.JetStreamAdmin;
import io.ponix.connector.nats.NatsPermissions;
import io.ponix.jobs.lease.LeaseStore;
import io.ponix.jobs.lease.NoLeaseException;
import io.ponix.jobs.options.GivenVariables;
import io.ponix.jobs.preflight.OutputStreams;
import io.ponix.jobs.preflight.OwnStreams;
import io.ponix.jobs.preflight.Refusal;
import io.ponix.jobs.preflight.TableDurability;
import io.ponix.jobs.sessions.options.NatsOptions;
import io.ponix.jobs.sessions.options.SessionsOptions;
import io.ponix.jobs.sessions.store.SessionTables;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.deadletter.DeadLetterReasons;
import java.io.IOException;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
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

    private static final String MAY_WRITE =
            """
            SELECT to_regclass(?) IS NOT NULL,
                   coalesce(has_table_privilege(to_regclass(?)::oid, 'SELECT')
                            AND has_table_privilege(to_regclass(?)::oid, 'INSERT')
                            AND has_table_privilege(to_regclass(?)::oid, 'UPDATE'), false)
            """;

    private static final int TIMES_THE_TABLE = 4;

    private final SessionsOptions options;
    private final Connectors connectors;
    private final Optional<String> jobId;
    private final PrintStream notes;

    /**
     * @param jobId of the job, where it is known before the submission
     * @param notes takes what a person should know, although the job can do with it
     */
    Preflight(
            SessionsOptions options,
            Connectors connectors,
            Optional<String> jobId,
            PrintStream notes) {
        this.options = options;
        this.connectors = connectors;
        this.jobId = jobId;
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
        checkLease();
    }

    private void checkNats() throws InterruptedException {
        NatsOptions nats = options.nats();
        try (JetStreamAdmin admin = JetStreamAdmin.connect(nats.connection())) {
            checkPermissions(admin.permissions());
            OwnStreams streams = new OwnStreams(admin, nats.streamReplicas(), notes);
            OutputStreams outputs = new OutputStreams(admin, streams, notes);
            // As the pipeline creates it, whichever job comes first.
            outputs.ensure(
                    "--processed-envelopes-stream",
                    streams.describe(nats.processedEnvelopesStream(), nats.rawRetention()),
                    nats.processedEnvelopesStream(),
                    "*",
                    "device");
            outputs.ensureDeadLetters(nats.deadLettersStream(), nats.deadLetterRetention());
            connectors.processedEnvelopes().preflight();
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
                    "--nats-url and --processed-envelopes-stream (PONIX_NATS_URL,"
                            + " PONIX_PROCESSED_ENVELOPES_STREAM)",
                    e);
        }
    }

    /** All of them first: a request that is not permitted is never answered. */
    private void checkPermissions(NatsPermissions permissions) throws IOException {
        NatsOptions nats = options.nats();
        permissions
                .toReceiveAnswers()
                .toListStreams()
                .toDescribe(nats.processedEnvelopesStream())
                .toLookUpMessages(nats.processedEnvelopesStream())
                .toConsume(nats.processedEnvelopesStream(), Connectors.subjects(nats))
                .toDescribe(nats.deadLettersStream())
                .toConsume(
                        nats.deadLettersStream(),
                        List.of(DeadLetterReasons.subjects(nats.deadLettersStream())))
                .toPublish(
                        DeadLetterReasons.subject(
                                nats.deadLettersStream(),
                                DeadLetterReason.DEAD_LETTER_REASON_SESSION_EVENT_INVALID));
        connectors.lease().checkPermissions(permissions);
        permissions.require();
    }

    private void checkPostgres() {
        PostgresSettings postgres = options.postgres();
        try (Connection connection = postgres.connect()) {
            for (String table :
                    List.of(SessionTables.POSTGRES_SESSIONS, SessionTables.POSTGRES_METER_VALUES)) {
                requireWritable(connection, table);
            }
        } catch (SQLException e) {
            throw Refusal.of(
                    "Postgres at " + postgres + " cannot be used: " + e.getMessage(),
                    names(postgres.toBlame(e), PostgresVariable::variable),
                    e);
        }
    }

    private void requireWritable(Connection connection, String table) throws SQLException {
        String problem;
        try (PreparedStatement statement = connection.prepareStatement(MAY_WRITE)) {
            for (int i = 1; i <= TIMES_THE_TABLE; i++) {
                statement.setString(i, table);
            }
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                problem =
                        !row.getBoolean(1)
                                ? "there is none: run the Postgres migrations"
                                : !row.getBoolean(2)
                                        ? "the role may not SELECT, INSERT and UPDATE there"
                                        : null;
            }
        }
        if (problem != null) {
            throw Refusal.of(
                    "The table "
                            + table
                            + " in Postgres at "
                            + options.postgres().address()
                            + " cannot be written: "
                            + problem,
                    "--postgres-database and --postgres-username (PONIX_POSTGRES_…)",
                    null);
        }
    }

    private void checkClickHouse() throws InterruptedException {
        try {
            connectors.sessionsOfClickHouse().preflight();
            connectors.meterValuesOfClickHouse().preflight();
            for (String table :
                    List.of(
                            SessionTables.CLICKHOUSE_SESSIONS,
                            SessionTables.CLICKHOUSE_METER_VALUES)) {
                TableDurability.missing(options.clickHouse(), table).forEach(notes::println);
            }
        } catch (IOException e) {
            throw Refusal.of(
                    "ClickHouse at "
                            + String.join(", ", options.clickHouse().urls())
                            + " cannot be used: "
                            + e.getMessage(),
                    (e instanceof ClickHouseException refusal
                                    ? names(refusal.toBlame(), ClickHouseVariable::variable)
                                    : "--clickhouse-url, --clickhouse-database, --clickhouse-username"
                                            + " and --clickhouse-password (PONIX_CLICKHOUSE_…)")
                            + ", or run the ClickHouse migrations",
                    e);
        }
    }

    private void checkLease() throws InterruptedException {
        NatsOptions nats = options.nats();
        try (JetStreamAdmin admin = JetStreamAdmin.connect(nats.connection())) {
            int replicas =
                    admin.findStream(nats.processedEnvelopesStream())
                            .map(stream -> stream.getConfiguration().getReplicas())
                            .orElse(nats.streamReplicas());
            connectors
                    .lease()
                    .check(admin.connection(), replicas, options.takeOver(), jobId, notes::println);
        } catch (NoLeaseException e) {
            throw new ProgramParametrizationException(
                    e.getMessage()
                            + "."
                            + System.lineSeparator()
                            + "Stop that one (flink stop ID), or submit with --take-over to replace"
                            + " it.");
        } catch (IOException e) {
            throw Refusal.of(
                    "NATS at "
                            + nats.connection().redactedServers()
                            + " cannot be asked whether another job is active: "
                            + e.getMessage(),
                    "--nats-url and what its user may do with the stream " + LeaseStore.STREAM,
                    e);
        }
    }

    private static <V> String names(List<V> variables, Function<V, String> variable) {
        return variables.stream()
                .map(each -> GivenVariables.name(variable.apply(each)))
                .collect(Collectors.joining(", "));
    }
}
