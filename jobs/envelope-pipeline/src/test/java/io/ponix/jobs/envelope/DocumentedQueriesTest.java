package io.ponix.jobs.envelope;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The SQL that people copy from the documents and from {@code ./ponix query --help}. */
class DocumentedQueriesTest {

    private static final Path ROOT = Path.of("../..");

    /** A path of a reading that is cast to what makes 0 or an empty text of a missing one. */
    private static final Pattern MISSING_IS_NOT_NULL =
            Pattern.compile("data(\\.(\\w+|`[^`]+`))+::(?!Nullable\\()");

    @Test
    void aMissingPathIsNull() throws IOException {
        List<String> found = new ArrayList<>();
        int queries = 0;
        for (Path document : documents()) {
            for (String line : Files.readAllLines(document)) {
                queries += line.contains("FROM processed_envelopes") ? 1 : 0;
                if (MISSING_IS_NOT_NULL.matcher(line).find()) {
                    found.add(document + ": " + line);
                }
            }
        }
        assertThat(queries).isGreaterThan(5);
        assertThat(found).isEmpty();
    }

    @Test
    void whatIsLookedForIsFound() {
        assertThat(MISSING_IS_NOT_NULL.matcher("avg(data.celsius::Float64)").find()).isTrue();
        assertThat(MISSING_IS_NOT_NULL.matcher("data.`x%2Ey`.z::Int64").find()).isTrue();
        assertThat(MISSING_IS_NOT_NULL.matcher("data.celsius.:Float64").find()).isFalse();
        assertThat(MISSING_IS_NOT_NULL.matcher("data.celsius::Nullable(Float64)").find()).isFalse();
    }

    private static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>();
        documents.add(ROOT.resolve("cli/src/main/java/io/ponix/cli/command/QueryCommand.java"));
        for (String folder : List.of("", "docs", "connectors/clickhouse", "migrations", "docker")) {
            try (Stream<Path> files = Files.list(ROOT.resolve(folder))) {
                files.filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
            }
        }
        return documents;
    }
}
