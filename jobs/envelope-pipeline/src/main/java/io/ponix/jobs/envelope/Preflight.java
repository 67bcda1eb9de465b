package io.ponix.jobs.envelope;

import io.nats.client.JetStreamApiException;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.ponix.connector.nats.JetStreamAdmin;
import io.ponix.connector.nats.NatsAccessException;
import io.ponix.jobs.envelope.deadletter.Reason;
import io.ponix.jobs.envelope.options.NatsOptions;
import io.ponix.jobs.envelope.options.PipelineOptions;
import io.ponix.jobs.envelope.options.PostgresOptions;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.apache.flink.client.program.ProgramParametrizationException;

/**
 * Looks at everything the job depends on before it is submitted, so that a mistake is an answer on
 * the command line and not a job that restarts for ever. Creates the streams that are missing; an
 * existing one is never changed.
 */
final class Preflight {

    /** How long dead letters with the same message id are recognised as repeats. */
    private static final Duration DUPLICATE_WINDOW = Duration.ofMinutes(10);

    private final PipelineOptions options;
    private final Connectors connectors;

    Preflight(PipelineOptions options, Connectors connectors) {
        this.options = options;
        this.connectors = connectors;
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
    }

    private void checkNats() {
        NatsOptions nats = options.nats();
        try (JetStreamAdmin admin = JetStreamAdmin.connect(nats.connection())) {
            admin.ensureStream(stream(nats.rawStream()).subjects(nats.rawSubjects()).build());
            ensureOutput(admin, "--dead-letters-stream", nats.deadLettersStream(), ">");
            if (nats.publishProcessedEnvelopes()) {
                ensureOutput(
                        admin,
                        "--processed-envelopes-stream",
                        nats.processedEnvelopesStream(),
                        "*");
            }
            connectors.rawEnvelopes().preflight();
        } catch (NatsAccessException e) {
            throw refuse(
                    "NATS refuses the job: " + e.getMessage(),
                    "--nats-username, --nats-password and --nats-credentials-file",
                    e);
        } catch (IOException e) {
            throw refuse(
                    "NATS at "
                            + nats.connection().redactedServers()
                            + " cannot be used: "
                            + e.getMessage(),
                    "--nats-url, --nats-raw-stream and --nats-raw-partitions (PONIX_NATS_…)",
                    e);
        }
    }

    private void ensureOutput(JetStreamAdmin admin, String option, String name, String below)
            throws IOException {
        admin.ensureStream(
                stream(name)
                        .subjects(name + "." + below)
                        .duplicateWindow(DUPLICATE_WINDOW)
                        .build());
        // An existing stream may store other subjects.
        String subject = name + "." + Reason.MALFORMED_ENVELOPE;
        try {
            List<String> storing = admin.connection().jetStreamManagement().getStreamNames(subject);
            if (!storing.contains(name)) {
                throw refuse(
                        "The stream '"
                                + name
                                + "' exists and does not store the subject "
                                + subject,
                        option,
                        null);
            }
        } catch (JetStreamApiException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static StreamConfiguration.Builder stream(String name) {
        return StreamConfiguration.builder().name(name).storageType(StorageType.File);
    }

    private void checkPostgres() {
        PostgresOptions postgres = options.postgres();
        try (Connection connection = postgres.connection().connect()) {
            String walLevel = one(connection, "SHOW wal_level");
            if (!"logical".equals(walLevel)) {
                throw refuse(
                        "Postgres at "
                                + postgres.connection().address()
                                + " has wal_level = "
                                + walLevel
                                + "; changes can be read only with wal_level = logical (and a"
                                + " restart of the server)",
                        "--postgres-host and --postgres-port",
                        null);
            }
            String tables =
                    one(
                            connection,
                            "SELECT string_agg(tablename, ',') FROM pg_publication_tables WHERE"
                                    + " pubname = ? AND tablename IN ('organizations',"
                                    + " 'end_devices', 'end_device_definitions')",
                            postgres.publicationName());
            if (tables == null || tables.split(",").length != 3) {
                throw refuse(
                        "The publication '"
                                + postgres.publicationName()
                                + "' on "
                                + postgres.connection().address()
                                + " does not publish the tables organizations, end_devices and"
                                + " end_device_definitions: run the Postgres migrations",
                        "--postgres-database or --cdc-publication-name",
                        null);
            }
        } catch (SQLException e) {
            throw refuse(
                    "Postgres at " + postgres.connection() + " cannot be used: " + e.getMessage(),
                    "--postgres-host, --postgres-port, --postgres-database, --postgres-username"
                            + " and --postgres-password (PONIX_POSTGRES_…)",
                    e);
        }
    }

    private static String one(Connection connection, String query, String... parameters)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setString(i + 1, parameters[i]);
            }
            try (ResultSet result = statement.executeQuery()) {
                result.next();
                return result.getString(1);
            }
        }
    }

    private void checkClickHouse() throws InterruptedException {
        try {
            connectors.rows().preflight();
        } catch (IOException e) {
            throw refuse(
                    "ClickHouse at "
                            + String.join(", ", options.clickHouse().connection().urls())
                            + " cannot be used: "
                            + e.getMessage(),
                    "--clickhouse-url, --clickhouse-database, --clickhouse-username,"
                            + " --clickhouse-password and --clickhouse-table (PONIX_CLICKHOUSE_…),"
                            + " or run the ClickHouse migrations",
                    e);
        }
    }

    private static ProgramParametrizationException refuse(
            String problem, String settings, Exception cause) {
        ProgramParametrizationException refusal =
                new ProgramParametrizationException(
                        problem + System.lineSeparator() + "Check " + settings + ".");
        if (cause != null) {
            refusal.initCause(cause);
        }
        return refusal;
    }
}
