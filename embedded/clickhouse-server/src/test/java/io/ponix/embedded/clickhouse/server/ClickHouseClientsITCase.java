package io.ponix.embedded.clickhouse.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.clickhouse.client.api.Client;
import com.clickhouse.client.api.ServerException;
import com.clickhouse.client.api.insert.InsertResponse;
import com.clickhouse.client.api.insert.InsertSettings;
import com.clickhouse.client.api.query.GenericRecord;
import com.clickhouse.client.api.query.QuerySettings;
import com.clickhouse.data.ClickHouseFormat;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** ClickHouse's own Java clients, unchanged. */
class ClickHouseClientsITCase {

    @TempDir static Path home;
    private static ServerProcess server;

    @BeforeAll
    static void start() throws Exception {
        server = ServerProcess.start(home);
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @Test
    void jdbcCreatesInsertsAndReads() throws Exception {
        try (Connection connection = jdbc(ServerProcess.PASSWORD);
                Statement statement = connection.createStatement()) {
            assertThat(connection.getMetaData().getDatabaseProductVersion()).startsWith("26.");
            statement.execute(
                    "CREATE TABLE devices (id UInt32, name String, seen DateTime64(3), data JSON)"
                            + " ENGINE = MergeTree ORDER BY id");
            try (PreparedStatement insert =
                    connection.prepareStatement(
                            "INSERT INTO devices (id, name, seen, data) VALUES (?, ?, ?, ?)")) {
                for (int i = 0; i < 100; i++) {
                    insert.setInt(1, i);
                    insert.setString(2, "it's \"" + i);
                    insert.setTimestamp(3, Timestamp.valueOf("2026-11-21 10:00:00.123"));
                    insert.setString(4, "{\"value\": " + i + ".5}");
                    insert.addBatch();
                }
                assertThat(insert.executeBatch()).hasSize(100);
            }
            try (ResultSet rows =
                    statement.executeQuery(
                            "SELECT id, name, data.value AS value FROM devices WHERE id = 42")) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getInt("id")).isEqualTo(42);
                assertThat(rows.getString("name")).isEqualTo("it's \"42");
                assertThat(rows.getDouble("value")).isEqualTo(42.5);
                assertThat(rows.next()).isFalse();
            }
            try (ResultSet tables =
                    connection.getMetaData().getTables(null, ServerProcess.DATABASE, "%", null)) {
                assertThat(tables.next()).isTrue();
                assertThat(tables.getString("TABLE_NAME")).isEqualTo("devices");
            }
            assertThatThrownBy(() -> statement.executeQuery("SELECT * FROM nope"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("UNKNOWN_TABLE");
        }
        assertThatThrownBy(
                        () -> {
                            try (Connection connection = jdbc("wrong");
                                    Statement statement = connection.createStatement()) {
                                statement.executeQuery("SELECT 1");
                            }
                        })
                .hasStackTraceContaining("Authentication failed");
    }

    /** compress=1 and decompress=1 in ClickHouse's own framing, or Content-Encoding: lz4. */
    @ParameterizedTest
    @CsvSource({
        "false,false,false",
        "true,false,false",
        "false,true,false",
        "true,true,false",
        "true,true,true"
    })
    void clientInsertsAndReadsCompressed(
            boolean compressRequest, boolean compressResponse, boolean httpCompression)
            throws Exception {
        String table =
                "compressed_" + compressRequest + "_" + compressResponse + "_" + httpCompression;
        // The client's LZ4 of Content-Encoding takes some 20 s for 20,000 such rows.
        int rows = httpCompression ? 500 : 200_000;
        try (Client client = client(compressRequest, compressResponse, httpCompression).build()) {
            client.execute("CREATE TABLE " + table + " (id UInt64) ENGINE = MergeTree ORDER BY id")
                    .get()
                    .close();
            ByteBuffer body = ByteBuffer.allocate(rows * 8).order(ByteOrder.LITTLE_ENDIAN);
            for (long id = 0; id < rows; id++) {
                body.putLong(id);
            }
            try (InsertResponse inserted =
                    client.insert(
                                    table,
                                    new ByteArrayInputStream(body.array()),
                                    ClickHouseFormat.RowBinary,
                                    new InsertSettings())
                            .get()) {
                assertThat(inserted.getWrittenRows()).isEqualTo(rows);
            }
            List<GenericRecord> sums =
                    client.queryAll("SELECT count() AS count, sum(id) AS sum FROM " + table);
            assertThat(sums.get(0).getLong("count")).isEqualTo(rows);
            assertThat(client.queryAll("SELECT id FROM " + table + " ORDER BY id"))
                    .hasSize(rows)
                    .element(rows - 1)
                    .satisfies(row -> assertThat(row.getLong("id")).isEqualTo(rows - 1));
            assertThatThrownBy(() -> client.queryAll("SELECT * FROM nope"))
                    .hasRootCauseInstanceOf(ServerException.class)
                    .rootCause()
                    .satisfies(
                            error -> assertThat(((ServerException) error).getCode()).isEqualTo(60));
        }
    }

    @Test
    void clientPassesSettingsAndParameters() throws Exception {
        try (Client client = client(false, true, false).build()) {
            List<GenericRecord> rows =
                    client.queryAll(
                            "SELECT {name:String} AS name, getSetting('max_threads') AS threads",
                            Map.of("name", "it's"),
                            new QuerySettings().serverSetting("max_threads", "3"));
            assertThat(rows.get(0).getString("name")).isEqualTo("it's");
            assertThat(rows.get(0).getInteger("threads")).isEqualTo(3);
        }
    }

    private static Client.Builder client(
            boolean compressRequest, boolean compressResponse, boolean httpCompression) {
        return new Client.Builder()
                .addEndpoint(server.url())
                .setUsername(ServerProcess.USER)
                .setPassword(ServerProcess.PASSWORD)
                .setDefaultDatabase(ServerProcess.DATABASE)
                .compressClientRequest(compressRequest)
                .compressServerResponse(compressResponse)
                .useHttpCompression(httpCompression);
    }

    private static Connection jdbc(String password) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", ServerProcess.USER);
        properties.setProperty("password", password);
        return DriverManager.getConnection(
                "jdbc:clickhouse://127.0.0.1:" + server.port() + "/" + ServerProcess.DATABASE,
                properties);
    }
}
