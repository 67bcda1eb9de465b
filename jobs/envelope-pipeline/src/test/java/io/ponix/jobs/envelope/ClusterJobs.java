package io.ponix.jobs.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.embedded.flink.EmbeddedFlinkCluster;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;

/** All jobs of a cluster, whoever submitted them, by its REST interface. */
final class ClusterJobs {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final List<String> ENDED = List.of("FINISHED", "CANCELED", "FAILED");
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final ObjectMapper JSON = new ObjectMapper();

    private ClusterJobs() {}

    /** A cluster that was frozen may have to elect its leader first, and answers with that. */
    static JsonNode all(EmbeddedFlinkCluster cluster) {
        return await().atMost(PATIENCE)
                .until(() -> rest(cluster, "/jobs/overview").get("jobs"), Objects::nonNull);
    }

    /** Whether the job may still read or store anything. */
    static boolean isActive(JsonNode job) {
        return !ENDED.contains(job.get("state").asText());
    }

    /** Returns when no job is left that may read or store anything. */
    static void cancelAll(EmbeddedFlinkCluster cluster) throws Exception {
        for (JsonNode job : all(cluster)) {
            if (isActive(job)) {
                send(
                        HttpRequest.newBuilder(
                                        URI.create(
                                                cluster.restUrl()
                                                        + "/jobs/"
                                                        + job.get("jid").asText()))
                                .method("PATCH", HttpRequest.BodyPublishers.noBody()));
            }
        }
        await().atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(all(cluster))
                                        .extracting(job -> job.get("state").asText())
                                        .isSubsetOf(ENDED));
    }

    /** The answer to a question. */
    static JsonNode rest(EmbeddedFlinkCluster cluster, String path)
            throws IOException, InterruptedException {
        return JSON.readTree(
                send(HttpRequest.newBuilder(URI.create(cluster.restUrl() + path))).body());
    }

    private static HttpResponse<String> send(HttpRequest.Builder request)
            throws IOException, InterruptedException {
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
