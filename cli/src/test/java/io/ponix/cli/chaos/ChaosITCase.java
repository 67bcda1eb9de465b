package io.ponix.cli.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.cli.PonixProcess;
import io.ponix.cli.TickingJobJar;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A short run, as a person starts it. */
class ChaosITCase {

    @TempDir private Path folder;

    @Test
    void aShortRunBalances() throws Exception {
        Path home = folder.resolve("chaos");
        PonixProcess.Outcome outcome =
                new PonixProcess(folder.resolve("unused"))
                        .run(
                                "chaos",
                                "--minutes=0.3",
                                "--seed=3",
                                "--rate=100",
                                "--devices=8",
                                "--home=" + home,
                                // Beside the pipeline, and to be there again after each fault too.
                                "--job=" + TickingJobJar.createIn(folder),
                                "--secure",
                                "--fault=kill-flink",
                                "--fault=kill-nats",
                                "--fault=kill-clickhouse",
                                "--fault=reset-network-nats",
                                "--fault=delete-devices",
                                "--fault=poison");

        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(outcome.output())
                .containsPattern("published +[1-9]")
                .containsPattern("parked +0\n")
                .containsPattern("lost +0\n")
                .containsPattern("doubled +0\n")
                .containsPattern("devices miscounted +0\n")
                .contains("it balances");
        // Nothing is left of a stack that did what it should.
        assertThat(home).doesNotExist();
        assertThat(folder.resolve("unused")).doesNotExist();
    }

    @Test
    void aKillWithinAnEnvelopeMeetsOneAndLosesAndDoublesNothing() throws Exception {
        PonixProcess.Outcome outcome =
                new PonixProcess(folder.resolve("unused"))
                        .run(
                                "chaos",
                                "--minutes=0.1",
                                "--seed=3",
                                "--rate=100",
                                "--devices=8",
                                "--home=" + folder.resolve("chaos"),
                                "--fault=kill-clickhouse-within-envelope",
                                "--fault=kill-taskmanager-within-envelope");

        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(outcome.output())
                .containsPattern("kill -9 ClickHouse within an envelope +[1-9] +[1-9] +[1-9]\n")
                .containsPattern("kill -9 TaskManager within an envelope +[1-9] +[1-9] +[0-9]\n")
                .containsPattern("lost +0\n")
                .containsPattern("doubled +0\n")
                .contains("it balances");
    }

    @Test
    void aShortRunByMqttBalances() throws Exception {
        PonixProcess.Outcome outcome =
                new PonixProcess(folder.resolve("unused"))
                        .run(
                                "chaos",
                                "--via=mqtt",
                                "--secure",
                                "--minutes=0.3",
                                "--seed=3",
                                "--rate=100",
                                "--devices=8",
                                "--home=" + folder.resolve("chaos"),
                                "--fault=kill-bridge",
                                "--fault=kill-mqtt",
                                "--fault=kill-nats",
                                "--fault=poison");

        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(outcome.output())
                .containsPattern("published +[1-9].* acknowledged by the MQTT broker")
                .containsPattern("published again +[1-9]")
                .containsPattern("CONVERSION_FAILED +[1-9]")
                .containsPattern("lost +0\n")
                .containsPattern("doubled +0\n")
                .containsPattern("devices miscounted +0\n")
                .contains("it balances");
    }

    @Test
    void aShortRunByHttpBalances() throws Exception {
        PonixProcess.Outcome outcome =
                new PonixProcess(folder.resolve("unused"))
                        .run(
                                "chaos",
                                "--via=http",
                                "--minutes=0.1",
                                "--seed=3",
                                "--rate=100",
                                "--devices=8",
                                "--home=" + folder.resolve("chaos"),
                                "--fault=kill-bridge",
                                "--fault=kill-nats",
                                "--fault=kill-postgres-within-changes",
                                "--fault=kill-device-service-within-changes",
                                "--fault=restore-snapshot",
                                "--fault=poison");

        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(outcome.output())
                .containsPattern("published +[1-9].* acknowledged by the bridge")
                .containsPattern("CONVERSION_FAILED +[1-9]")
                .containsPattern("kill -9 Postgres within changes +[1-9]")
                .containsPattern("kill -9 device service within changes +[1-9]")
                .containsPattern("restore a snapshot of all devices +[1-9]")
                .containsPattern("changed devices +[1-9]")
                .containsPattern("looked back +[1-9]")
                .containsPattern("registry differs +0\n")
                .containsPattern("devices out of date +0\n")
                .containsPattern("lost +0\n")
                .containsPattern("doubled +0\n")
                .containsPattern("devices miscounted +0\n")
                .contains("it balances");
    }

    @Test
    void disksThatCannotBeHadAreNamed() throws Exception {
        PonixProcess.Outcome outcome =
                new PonixProcess(folder.resolve("unused"))
                        .with("PATH", folder.toString())
                        .run(
                                "chaos",
                                "--home=" + folder.resolve("chaos"),
                                "--fault=fill-disk-nats");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.errors().strip().lines())
                .singleElement()
                .asString()
                .contains("no disk can be full here", "unshare");
    }

    @Test
    void aFolderWithSomethingElseIsLeftAlone() throws Exception {
        Path file = Files.writeString(folder.resolve("precious"), "data");
        PonixProcess.Outcome outcome = new PonixProcess(folder).run("chaos", "--home=" + folder);

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.errors()).contains("holds something that is not of").contains("--home");
        assertThat(file).hasContent("data");
    }
}
