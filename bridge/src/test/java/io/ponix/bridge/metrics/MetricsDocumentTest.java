package io.ponix.bridge.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.ponix.bridge.intake.Refusal;
import io.ponix.bridge.publish.Outcome;
import io.ponix.proto.uplink.v1.RefusalReason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The tables of metrics in {@code docs/bridges.md} have those that there are. */
class MetricsDocumentTest {

    private static final Path PAGE =
            Path.of(System.getProperty("ponix.root"), "docs", "bridges.md");

    private static final Pattern ROW =
            Pattern.compile("^\\| `(ponix_bridge_\\S+)` \\|", Pattern.MULTILINE);

    private static final Pattern TYPE =
            Pattern.compile("^# TYPE (\\S+) (counter|gauge|histogram)$", Pattern.MULTILINE);

    private static final Outcome STORED =
            new Outcome(List.of(new Outcome.Stored("d", 1, true)), Optional.empty());

    private static final Outcome IGNORED = new Outcome(List.of(), Optional.empty());

    private static final Outcome REFUSED =
            new Outcome(
                    List.of(),
                    Optional.of(new Refusal(RefusalReason.REFUSAL_REASON_INTAKE, "wrong")));

    @Test
    void thePageHasTheMetricsThatThereAre() throws Exception {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        GatewayMetrics gateway = new GatewayMetrics(registry, "g");
        HttpMetrics http = new HttpMetrics(registry);
        for (Outcome outcome : List.of(STORED, IGNORED, REFUSED)) {
            gateway.done(outcome, Duration.ofMillis(1));
        }
        http.done("g", STORED, Duration.ofMillis(1));
        http.done("g", IGNORED, Duration.ofMillis(1));
        http.refused("g", RefusalReason.REFUSAL_REASON_INTAKE);
        http.answered("g", 202);

        assertThat(found(ROW, Files.readString(PAGE))).isEqualTo(found(TYPE, registry.scrape()));
    }

    private static Set<String> found(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map(result -> result.group(1))
                .filter(name -> !name.endsWith("_max"))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
