package io.ponix.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StackJobsTest {

    private static final String PUBLISH = "PONIX_PUBLISH_PROCESSED_ENVELOPES";

    @TempDir private Path home;

    private JobCatalog catalog;
    private List<KnownJob> both;
    private StackJobs jobs;

    @BeforeEach
    void look() {
        catalog = JobCatalog.ofThisCheckout();
        both =
                List.of(
                        catalog.find(JobCatalog.ENVELOPE_PIPELINE),
                        catalog.find(JobCatalog.METERED_SESSIONS));
        jobs = new StackJobs(home, catalog);
    }

    @Test
    void thePipelinePublishesWhatAnotherJobOfTheStackReads() {
        assertThat(jobs.environment(Map.of())).isEmpty();

        jobs.replaceBy(both);

        assertThat(jobs.environment(Map.of())).containsExactly(Map.entry(PUBLISH, "true"));
        assertThat(jobs.environment(Map.of(PUBLISH, ""))).containsKey(PUBLISH);
        assertThat(jobs.environment(Map.of(PUBLISH, "false")))
                .as("as somebody wants it otherwise")
                .isEmpty();
    }

    @Test
    void onlyTheFirstReaderIsOneThatThePipelineDidNotPublishFor() {
        assertThat(jobs.areFirstToRead(List.of(both.get(0)))).isFalse();
        assertThat(jobs.areFirstToRead(both)).isTrue();

        jobs.replaceBy(both);

        assertThat(jobs.areFirstToRead(both)).isFalse();
    }
}
