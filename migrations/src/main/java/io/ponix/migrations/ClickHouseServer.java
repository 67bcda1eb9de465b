package io.ponix.migrations;

import io.ponix.client.clickhouse.ClickHouseClient;
import io.ponix.client.clickhouse.ClickHouseException;
import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.client.clickhouse.ClickHouseVariable;
import io.ponix.client.clickhouse.Sql;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The ClickHouse server as migrations need it: statements and small answers, nothing repeated
 * behind their back. Of several replicas it is the first that answers, from beginning to end.
 */
final class ClickHouseServer implements AutoCloseable {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    private static final Map<String, String> SETTINGS =
            Map.of(
                    // Up to 24.x the JSON type has to be allowed; later servers accept the setting
                    // and ignore it.
                    "allow_experimental_json_type", "1",
                    // Copying a table must not fail because devices with a wrong clock have spread
                    // its rows over many months.
                    "max_partitions_per_insert_block", "0",
                    "async_insert", "0");

    private final String database;
    private final ClickHouseClient client;

    private ClickHouseServer(String database, ClickHouseClient client) {
        this.database = database;
        this.client = client;
    }

    /** Connects, and creates the database when it does not exist. */
    static ClickHouseServer connect(ClickHouseSettings settings) {
        try {
            ClickHouseSettings server =
                    ClickHouseClient.firstThatAnswers(
                            settings.withTimeouts(
                                    CONNECT_TIMEOUT,
                                    // A table of any size may have to be copied by one statement.
                                    ClickHouseSettings.UNLIMITED));
            try (ClickHouseClient client = new ClickHouseClient(server.in("default"))) {
                client.query(
                        "CREATE DATABASE IF NOT EXISTS " + Sql.identifier(server.database()),
                        SETTINGS);
            }
            return new ClickHouseServer(server.database(), new ClickHouseClient(server));
        } catch (ClickHouseException exception) {
            throw refused(settings, exception);
        } catch (InterruptedException exception) {
            throw interrupted(exception);
        }
    }

    private static MigrationException refused(
            ClickHouseSettings settings, ClickHouseException exception) {
        String at = String.join(", ", settings.urls());
        String variables =
                exception.toBlame().stream()
                        .map(ClickHouseVariable::variable)
                        .collect(Collectors.joining(", "));
        return new MigrationException(
                (exception.code() == ClickHouseException.NO_CODE
                                ? "Cannot reach ClickHouse at " + at
                                : "ClickHouse at " + at + " does not let the migrations in")
                        + " (see "
                        + variables
                        + "): "
                        + exception.getMessage(),
                exception);
    }

    /**
     * Executes a statement that has no result.
     *
     * @throws StatementRefused if ClickHouse refuses it, or does not answer
     */
    void execute(String sql) {
        ask(sql);
    }

    /**
     * Executes a query and returns all of its rows, each with its columns as text.
     *
     * @throws StatementRefused if ClickHouse refuses it, or does not answer
     */
    List<List<String>> query(String sql) {
        return ask(sql);
    }

    private List<List<String>> ask(String sql) {
        try {
            return client.query(sql, SETTINGS);
        } catch (ClickHouseException exception) {
            throw new StatementRefused(exception);
        } catch (InterruptedException exception) {
            throw interrupted(exception);
        }
    }

    private static MigrationException interrupted(InterruptedException exception) {
        Thread.currentThread().interrupt();
        return new MigrationException("Interrupted while waiting for ClickHouse", exception);
    }

    /** Returns the database that statements work in. */
    String database() {
        return database;
    }

    @Override
    public void close() {
        client.close();
    }

    /** Returns the text as a string literal. */
    static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
