package io.ponix.migrations;

import com.clickhouse.client.api.Client;
import com.clickhouse.client.api.ClientException;
import com.clickhouse.client.api.ServerException;
import com.clickhouse.client.api.command.CommandResponse;
import com.clickhouse.client.api.query.GenericRecord;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ClickHouse server as migrations need it: statements and small answers, nothing repeated
 * behind their back.
 */
final class ClickHouseServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ClickHouseServer.class);

    private static final int AUTHENTICATION_FAILED = 516;
    private static final int UNKNOWN_USER = 192;
    private static final int WRONG_PASSWORD = 193;

    private final String url;
    private final String database;
    private final Client client;

    private ClickHouseServer(String url, String database, Client client) {
        this.url = url;
        this.database = database;
        this.client = client;
    }

    /** Connects, and creates the database when it does not exist. */
    static ClickHouseServer connect(String url, String database, String username, String password) {
        try (ClickHouseServer server =
                new ClickHouseServer(url, "default", client(url, "default", username, password))) {
            server.execute("CREATE DATABASE IF NOT EXISTS " + quotedIdentifier(database));
        } catch (ServerException exception) {
            String settings =
                    switch (exception.getCode()) {
                        case AUTHENTICATION_FAILED, UNKNOWN_USER, WRONG_PASSWORD ->
                                "PONIX_CLICKHOUSE_USERNAME, PONIX_CLICKHOUSE_PASSWORD";
                        default -> "PONIX_CLICKHOUSE_URL, PONIX_CLICKHOUSE_DATABASE";
                    };
            throw new MigrationException(
                    "ClickHouse at "
                            + url
                            + " does not let the migrations in (see "
                            + settings
                            + "): "
                            + exception.getMessage(),
                    exception);
        } catch (RuntimeException exception) {
            throw new MigrationException(
                    "Cannot reach ClickHouse at "
                            + url
                            + " (see PONIX_CLICKHOUSE_URL): "
                            + rootMessage(exception),
                    exception);
        }
        return new ClickHouseServer(url, database, client(url, database, username, password));
    }

    private static Client client(String url, String database, String username, String password) {
        return new Client.Builder()
                .addEndpoint(url)
                .setDefaultDatabase(database)
                .setUsername(username)
                .setPassword(password)
                .setClientName("ponix-migrations")
                .setConnectTimeout(5, ChronoUnit.SECONDS)
                // A table of any size may have to be copied by one statement.
                .setSocketTimeout(0)
                .setExecutionTimeout(0, ChronoUnit.SECONDS)
                // A statement that was repeated by the client could not be told from one that
                // another run executed.
                .setMaxRetries(0)
                .compressServerResponse(false)
                // Up to 24.x the JSON type has to be allowed; later servers accept the setting and
                // ignore it.
                .serverSetting("allow_experimental_json_type", "1")
                // Copying a table must not fail because devices with a wrong clock have spread its
                // rows over many months.
                .serverSetting("max_partitions_per_insert_block", "0")
                .serverSetting("async_insert", "0")
                .build();
    }

    /** Executes a statement that has no result. */
    // The client declares that closing an answer may throw just anything, an interruption included.
    @SuppressWarnings("try")
    void execute(String sql) {
        try (CommandResponse response = client.execute(sql).get()) {
            LOG.debug("{} rows written by: {}", response.getWrittenRows(), sql);
        } catch (ExecutionException exception) {
            throw exception.getCause() instanceof RuntimeException cause
                    ? cause
                    : new ClientException("The statement failed", exception.getCause());
        } catch (InterruptedException exception) {
            Thread.currentThread().interrupt();
            throw new MigrationException("Interrupted while waiting for ClickHouse", exception);
        } catch (RuntimeException exception) {
            throw exception;
        } catch (Exception exception) {
            throw new ClientException("Could not close the answer of ClickHouse", exception);
        }
    }

    /** Executes a query and returns all of its rows. */
    List<GenericRecord> query(String sql) {
        return client.queryAll(sql);
    }

    /** Returns the database that statements work in. */
    String database() {
        return database;
    }

    /** Returns the server's address. */
    String url() {
        return url;
    }

    @Override
    public void close() {
        client.close();
    }

    /** Returns the text as a string literal. */
    static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    private static String quotedIdentifier(String name) {
        return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`";
    }

    private static String rootMessage(Throwable throwable) {
        Throwable root = throwable;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }
}
