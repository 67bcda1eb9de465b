package io.ponix.embedded.flink;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a JobManager then makes of it is shown with a real one, by BadStartITCase of the job. */
class FlinkResultStoresTest {

    private static final String ID = "f82cef604a49e6b11c255cd202087b7e";
    private static final String OTHER = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir private Path folder;

    private Path jobs;
    private Path applications;

    @BeforeEach
    void createStores() throws IOException {
        jobs = Files.createDirectories(folder.resolve("job-result-store/default"));
        applications = Files.createDirectories(folder.resolve("application-result-store/default"));
    }

    @Test
    void nothingIsDoneWhereNothingIsLeft() throws Exception {
        assertThat(mend()).isEmpty();
        Files.delete(jobs);
        Files.delete(applications);
        assertThat(mend()).isEmpty();
    }

    @Test
    void aJobThatFailedAsItStartedIsGivenItsApplication() throws Exception {
        Files.writeString(
                jobs.resolve(ID + "_DIRTY.json"),
                """
                {"result":{"id":"%s","name":"a job","application-status":"FAILED",\
                "accumulator-results":{},"net-runtime":172,"failure-cause":{"class":"x",\
                "stack-trace":"x: Could not start\\n\\tat y\\nCaused by: z: Cannot find '/nope'\\n\\tat y",\
                "serialized-throwable":"rO0="},"start-time":1,"end-time":2},"version":1}"""
                        .formatted(ID));

        assertThat(mend())
                .singleElement()
                .asString()
                .contains(ID, "FAILED: z: Cannot find '/nope')");

        JsonNode job = result(jobs);
        assertThat(job.get("application-id").asText()).isEqualTo(ID);
        assertThat(job.get("net-runtime").asInt()).isEqualTo(172);
        assertThat(job.get("failure-cause").get("serialized-throwable").asText()).isEqualTo("rO0=");
        JsonNode application = result(applications);
        assertThat(application.get("application-id").asText()).isEqualTo(ID);
        assertThat(application.get("application-name").asText()).isEqualTo("a job");
        assertThat(application.get("application-state").asText()).isEqualTo("FAILED");
        assertThat(mend()).as("the second time").isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"CANCELED CANCELED", "SUCCEEDED FINISHED", "FAILED FAILED"})
    void aJobThatEndedBeforeItsApplicationDidTakesItAlong(String states) throws Exception {
        String jobState = states.split(" ")[0];
        writeJob(ID, ID, jobState);

        assertThat(mend()).singleElement().asString().contains(ID, "(" + jobState + ")");
        assertThat(result(applications).get("application-state").asText())
                .isEqualTo(states.split(" ")[1]);
        assertThat(mend()).isEmpty();
    }

    @Test
    void anApplicationOfItsOwnIsLeftToFlink() throws Exception {
        writeJob(ID, OTHER, "FAILED");
        assertThat(mend()).isEmpty();
        assertThat(names(applications)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{\"result\":{\"id\":\"f82cef604a49e6b11c255cd202087b7e\",\"application-id\":\"",
                "{}",
                "[]",
                "null",
                "{\"result\":{\"id\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"application-status\":\"FAILED\"}}",
                "{\"result\":{\"id\":\"f82cef604a49e6b11c255cd202087b7e\",\"application-status\":\"UNKNOWN\"}}",
            })
    void whatCannotBeReadIsKeptAndTheJobCountsAsFailed(String content) throws Exception {
        Files.writeString(jobs.resolve(ID + "_DIRTY.json"), content);
        Files.writeString(applications.resolve(ID + "_DIRTY.json"), content);

        Path kept = folder.resolve("set-aside");
        assertThat(mend())
                .anySatisfy(line -> assertThat(line).contains(kept + "/job-result-store-" + ID))
                .anySatisfy(
                        line ->
                                assertThat(line)
                                        .contains(kept + "/application-result-store-" + ID));

        assertThat(kept.resolve("job-result-store-" + ID + "_DIRTY.json")).hasContent(content);
        assertThat(result(jobs).get("application-status").asText()).isEqualTo("FAILED");
        assertThat(result(jobs).get("application-id").asText()).isEqualTo(ID);
        assertThat(result(applications).get("application-state").asText()).isEqualTo("FAILED");
        assertThat(mend()).isEmpty();
    }

    @Test
    void whatIsNotNamedAfterAJobIsSetAside() throws Exception {
        Files.writeString(jobs.resolve("what_DIRTY.json"), "?");
        Files.writeString(jobs.resolve(ID + ".json"), "clean");

        assertThat(mend()).singleElement().asString().contains("what_DIRTY.json");
        assertThat(names(jobs)).containsExactly(ID + ".json");
        assertThat(names(applications)).isEmpty();
    }

    private List<String> mend() throws IOException {
        return new FlinkResultStores(folder).mend();
    }

    private void writeJob(String id, String application, String state) throws IOException {
        Files.writeString(
                jobs.resolve(id + "_DIRTY.json"),
                """
                {"result":{"id":"%s","name":"a job","application-status":"%s","accumulator-results":{},\
                "net-runtime":1,"application-id":"%s","start-time":1,"end-time":2},"version":1}"""
                        .formatted(id, state, application));
    }

    /** Of the only file in a store. */
    private static JsonNode result(Path store) throws IOException {
        assertThat(names(store)).containsExactly(ID + "_DIRTY.json");
        return JSON.readTree(store.resolve(ID + "_DIRTY.json").toFile()).get("result");
    }

    private static List<String> names(Path store) throws IOException {
        try (Stream<Path> files = Files.list(store)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
