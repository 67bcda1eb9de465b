package io.ponix.embedded.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedClickHouseITCase {

    @TempDir Path home;

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void answeredInsertsSurviveKillAndStop() throws Exception {
        try (EmbeddedClickHouse clickHouse = EmbeddedClickHouse.builder().home(home).build()) {
            clickHouse.start();
            int port = clickHouse.port();
            query(clickHouse, "CREATE TABLE readings (id UInt64) ENGINE = MergeTree ORDER BY id");
            query(clickHouse, "INSERT INTO readings SELECT number FROM numbers(1000)");

            clickHouse.kill();
            assertThat(clickHouse.isRunning()).isFalse();
            clickHouse.start();
            query(clickHouse, "INSERT INTO readings SELECT number FROM numbers(1000, 1000)");

            clickHouse.stop();
            assertThat(clickHouse.isRunning()).isFalse();
            clickHouse.start();

            assertThat(clickHouse.port()).isEqualTo(port);
            assertThat(query(clickHouse, "SELECT uniqExact(id) FROM readings").strip())
                    .isEqualTo("2000");
        }
    }

    @Test
    void eachHomeHasAPasswordOfItsOwnAndOneFromBeforeGoesOnWithItsFormer() throws Exception {
        try (EmbeddedClickHouse clickHouse =
                EmbeddedClickHouse.builder().home(home).passwordOfTheHome().build()) {
            clickHouse.start();
            Path file = home.resolve("clickhouse/password");
            String password = Files.readString(file).strip();
            assertThat(password).hasSize(32);
            assertThat(clickHouse.address().password().reveal()).isEqualTo(password);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            query(clickHouse, "SELECT 1");

            clickHouse.stop();
            clickHouse.start();
            assertThat(clickHouse.password()).isEqualTo(password);
            query(clickHouse, "SELECT 1");

            // As a home was left by versions before.
            clickHouse.stop();
            Files.delete(file);
            clickHouse.start();
            assertThat(clickHouse.password()).isEqualTo("ponix");
            assertThat(file).doesNotExist();
            query(clickHouse, "SELECT 1");
        }
    }

    private String query(EmbeddedClickHouse clickHouse, String sql) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(
                                URI.create(
                                        clickHouse.url() + "/?database=" + clickHouse.database()))
                        .header("X-ClickHouse-User", clickHouse.username())
                        .header("X-ClickHouse-Key", clickHouse.password())
                        .POST(HttpRequest.BodyPublishers.ofString(sql))
                        .build();
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }
}
