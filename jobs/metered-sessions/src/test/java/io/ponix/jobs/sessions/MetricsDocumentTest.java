package io.ponix.jobs.sessions;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.jobs.sessions.assembly.JobFlag;
import io.ponix.jobs.sessions.assembly.SessionMetrics;
import io.ponix.jobs.sessions.assembly.StationMetrics;
import io.ponix.jobs.sessions.read.ReadMetrics;
import io.ponix.sessions.Flag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/sessions.md} has the metrics and flags that there are. */
class MetricsDocumentTest {

    private static final Pattern ROW =
            Pattern.compile("^\\| (?:`\\w+`)? ?\\| `(\\w+)` \\|", Pattern.MULTILINE);

    @Test
    void thePageHasTheMetricsThatThereAre() throws IOException {
        String page = page();
        List<String> metrics =
                Stream.of(ReadMetrics.class, StationMetrics.class, SessionMetrics.class)
                        .flatMap(type -> Arrays.stream(type.getFields()))
                        .map(
                                field -> {
                                    try {
                                        return (String) field.get(null);
                                    } catch (IllegalAccessException e) {
                                        throw new IllegalStateException(e);
                                    }
                                })
                        .toList();
        assertThat(
                        ROW.matcher(page.substring(page.indexOf("## Metrics")))
                                .results()
                                .map(row -> row.group(1)))
                .containsExactlyInAnyOrderElementsOf(metrics);
    }

    @Test
    void thePageHasTheFlagsThatThereAre() throws IOException {
        assertThat(page())
                .contains(
                        Stream.concat(Arrays.stream(Flag.values()), Arrays.stream(JobFlag.values()))
                                .map(flag -> "`" + flag.name() + "`")
                                .toList());
    }

    private static String page() throws IOException {
        return Files.readString(Path.of(System.getProperty("ponix.root"), "docs", "sessions.md"));
    }
}
