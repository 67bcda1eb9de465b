package io.ponix.cli.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ponix.cli.PonixProcess;
import io.ponix.cli.stack.FlinkRest;
import io.ponix.cli.stack.JobCatalog;
import io.ponix.embedded.network.SelfSignedCertificate;
import io.ponix.embedded.process.EmbeddedProcess;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every command, while each part of the stack in turn is stopped. */
@ExtendWith(RunningStack.Shared.class)
class StoppedPartsITCase {

    private final RunningStack stack;

    StoppedPartsITCase(RunningStack stack) {
        this.stack = stack;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nats",
                "postgres",
                "clickhouse",
                "device-service",
                "taskmanager-1",
                "jobmanager",
                "zookeeper"
            })
    void whatNeedsAStoppedPartSaysSoAtOnce(String part) throws Exception {
        EmbeddedProcess process = stack.process(part);
        process.kill();
        try {
            new PartCommands(stack).expectOfAll(part, "is stopped");
        } finally {
            PonixProcess.Outcome outcome = stack.ponix().run("up");
            assertThat(outcome.status()).as("%s", outcome).isZero();
            assertThat(outcome.errors())
                    .as("what only lacked the part is not started anew")
                    .doesNotContain("runs but does not answer");
        }
    }

    /** Of a job that is suspended meanwhile no second one is submitted. */
    @Test
    void upAfterTheClusterHasLostItsLeaderFindsTheJobAgain() throws Exception {
        FlinkRest flink = new FlinkRest(stack.addresses().dashboardUrl());
        String name = JobCatalog.ofThisCheckout().envelopePipeline().name();
        String job = flink.activeJob(name).orElseThrow().id();
        stack.process("zookeeper").kill();
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () ->
                                assertThatThrownBy(flink::jobs)
                                        .isInstanceOf(FlinkRest.NoLeaderException.class));

        PonixProcess.Outcome outcome = stack.ponix().run("up");

        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(outcome.errors()).doesNotContain("submitting the job");
        assertThat(flink.activeJob(name).orElseThrow().id()).isEqualTo(job);
    }

    @Test
    void upAfterOneThatFailedOnItsWayGoesOn(@TempDir Path folder) throws Exception {
        String stranger =
                SelfSignedCertificate.create(folder, "stranger", "ip:127.0.0.1").certificatePem();
        assertThat(stack.ponix().with("PONIX_DEVICE_SERVICE_TLS_TRUSTSTORE", stranger).run("up"))
                .satisfies(
                        outcome -> {
                            assertThat(outcome.status()).isEqualTo(1);
                            assertThat(outcome.errors())
                                    .contains("PONIX_DEVICE_SERVICE_TLS_TRUSTSTORE names whom");
                        });

        PonixProcess.Outcome outcome = stack.ponix().run("up");
        assertThat(outcome.status()).as("%s", outcome).isZero();
    }
}
