package io.ponix.cli.containers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What the embedded ClickHouse cannot show of docker/clickhouse-users.sql: a server asks for a
 * right to read most tables of {@code system}, and the engine of the embedded one does not.
 */
class ClickHouseGrantsTest {

    private static final Path ROOT = Path.of(System.getProperty("ponix.root"));

    /** Those that every user may read (ContextAccess.cpp of ClickHouse). */
    private static final Set<String> OF_EVERYBODY =
            Set.of("columns", "databases", "one", "settings", "tables");

    private static final Pattern TABLE = Pattern.compile("\\bsystem\\.([a-z_]+|\")");

    @Test
    void programsMayReadTheSystemTablesThatTheyName() throws IOException {
        assertGranted(
                "ponix-job",
                List.of("clients/clickhouse", "connectors/clickhouse", "jobs"),
                List.of());
        // KILL MUTATION looks there.
        assertGranted(
                "ponix-migrations",
                List.of("clients/clickhouse", "migrations"),
                List.of("mutations"));
        assertGranted("ponix-service", List.of("clients/clickhouse", "device-service"), List.of());
    }

    private static void assertGranted(String user, List<String> modules, List<String> unnamed)
            throws IOException {
        Matcher grant =
                Pattern.compile("(?s)\nGRANT\\b([^;]*?)\\sTO `" + user + "` WITH REPLACE OPTION;")
                        .matcher(Files.readString(ROOT.resolve("docker/clickhouse-users.sql")));
        assertThat(grant.find()).as(user).isTrue();
        Set<String> needed = new TreeSet<>(unnamed);
        for (String module : modules) {
            needed.addAll(namedIn(ROOT.resolve(module)));
        }
        needed.removeAll(OF_EVERYBODY);
        assertThat(tables(grant.group(1))).as(user).isEqualTo(needed);
    }

    private static Set<String> namedIn(Path module) throws IOException {
        Set<String> named = new TreeSet<>();
        try (Stream<Path> files = Files.walk(module)) {
            for (Path file : files.filter(ClickHouseGrantsTest::isSource).toList()) {
                Set<String> here = tables(read(file));
                // A name that is put together nobody finds.
                assertThat(here).as("%s", file).doesNotContain("\"");
                named.addAll(here);
            }
        }
        return named;
    }

    private static boolean isSource(Path file) {
        String path = file.toString();
        return path.contains("/src/main/java/") && path.endsWith(".java")
                || path.contains("/migrations/clickhouse/") && path.endsWith(".sql");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> tables(String text) {
        Set<String> tables = new TreeSet<>();
        Matcher table = TABLE.matcher(text);
        while (table.find()) {
            tables.add(table.group(1));
        }
        return tables;
    }
}
