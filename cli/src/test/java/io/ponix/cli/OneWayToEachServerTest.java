package io.ponix.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Of all programs, only the clients connect to NATS, Postgres and ClickHouse. */
class OneWayToEachServerTest {

    private static final Path ROOT = Path.of(System.getProperty("ponix.root"));

    @Test
    void connectionsToNatsAreOpenedInOnePlace() {
        assertThat(sourcesWith("\\bNats\\.connect"))
                .containsExactly(
                        "clients/nats/src/main/java/io/ponix/client/nats/NatsConnections.java");
    }

    @Test
    void connectionsToPostgresAreOpenedInOnePlace() {
        assertThat(sourcesWith("\\bDriverManager\\.get|\\bnew Driver\\(\\)|setJdbcUrl"))
                .containsExactly(
                        "clients/postgres/src/main/java/io/ponix/client/postgres/PostgresDriver.java");
    }

    @Test
    void thereIsOneHttpClientForClickHouse() {
        assertThat(sourcesWith("\\bHttpClient\\.new|com\\.clickhouse\\.client"))
                .containsExactlyInAnyOrder(
                        // What senders post to the bridge.
                        "cli/src/main/java/io/ponix/cli/simulation/HttpPublisher.java",
                        // Flink's REST interface.
                        "cli/src/main/java/io/ponix/cli/stack/FlinkRest.java",
                        "clients/clickhouse/src/main/java/io/ponix/client/clickhouse/ClickHouseClient.java");
    }

    private static List<String> sourcesWith(String expression) {
        Pattern pattern = Pattern.compile(expression);
        try (Stream<Path> modules = Files.list(ROOT)) {
            return modules.filter(Files::isDirectory)
                    .filter(module -> !module.getFileName().toString().matches("\\..*|target"))
                    .flatMap(OneWayToEachServerTest::sources)
                    .filter(source -> pattern.matcher(text(source)).find())
                    .map(source -> ROOT.relativize(source).toString())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Path> sources(Path module) {
        try {
            return Files.walk(module)
                    .filter(path -> path.toString().endsWith(".java"))
                    .filter(path -> path.toString().contains("/src/main/"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path source) {
        try {
            return Files.readString(source);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
