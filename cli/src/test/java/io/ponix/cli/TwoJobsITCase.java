package io.ponix.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.cli.stack.FlinkRest;
import io.ponix.cli.stack.JobCatalog;
import io.ponix.cli.stack.KnownJob;
import io.ponix.cli.stack.LocalStack;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.stack.StackSettings;
import io.ponix.embedded.process.EmbeddedProcess;
import io.ponix.jobs.descriptor.JobDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stack with a second job beside the pipeline: one that only tests have. */
class TwoJobsITCase {

    private static final Duration SOON = Duration.ofSeconds(90);
    private static final String TICKING = "A job that ticks";
    private static final Pattern SAVEPOINT = Pattern.compile("Path: (.+)");

    @TempDir private static Path folder;

    private static PonixProcess ponix;
    private static String jar;

    @BeforeAll
    static void up() throws Exception {
        jar = TickingJobJar.createIn(folder).toString();
        ponix = new PonixProcess(home());
        PonixProcess.Outcome outcome =
                ponix.run(PonixProcess.upOnFreePorts("--job", "envelope-pipeline", "--job", jar));
        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(outcome.errors()).contains("submitting the job\n", "submitting the job ticking");
    }

    @AfterAll
    static void down() throws Exception {
        // A jar that is gone holds nothing up.
        Files.delete(Path.of(jar));
        PonixProcess.Outcome outcome = ponix.run("down", "--delete-data");
        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(outcome.errors())
                .contains("no savepoint, as there is no job " + jar)
                .contains("stopping the job with a savepoint");
        assertThat(home()).doesNotExist();
    }

    @Test
    void statusShowsBothAndSaysWhichOneIsMissing() throws Exception {
        await().atMost(SOON).until(() -> tick().isPresent());
        PonixProcess.Outcome status = ponix.run("status");
        assertThat(status.status()).as("%s", status).isZero();
        assertThat(status.output())
                .containsPattern("taskmanager-2 +running")
                .containsPattern("job +RUNNING")
                .containsPattern("job +ticking: RUNNING, (\\d) of \\1 tasks");

        run("flink", "--job", jar, "cancel");
        status = ponix.run("status");
        assertThat(status.status()).isEqualTo(1);
        assertThat(status.output())
                .containsPattern("job +RUNNING")
                .containsPattern("job +ticking: not running; ./ponix up submits it")
                .contains("the last one is CANCELED");

        // From the checkpoint that the cancelled one has left.
        assertThat(run("up").errors()).contains("submitting the job ticking from chk-");
        assertThat(ponix.run("status").status()).isZero();
    }

    @Test
    void bothComeBackFromAKillUnderTheirIds() throws Exception {
        Map<String, String> before = jobs();
        assertThat(before).containsOnlyKeys(TICKING, "Ponix envelope pipeline");
        LocalStack stack = new LocalStack(StackSettings.asStarted(home()), line -> {});
        stack.flink().processes().forEach(EmbeddedProcess::kill);

        assertThat(run("up").errors()).doesNotContain("submitting");
        assertThat(jobs()).isEqualTo(before);
    }

    @Test
    void eachGoesOnFromItsOwnSavepointAfterDownAndUp() throws Exception {
        await().atMost(SOON).until(() -> tick().orElse(0) > 100);
        long before = tick().orElseThrow();
        assertThat(run("down").errors())
                .contains("stopping the job with a savepoint")
                .contains("stopping the job ticking with a savepoint")
                .containsPattern("savepoint file:.*\n(.*\n)*.*savepoint file:");

        PonixProcess.Outcome up = run("up");
        assertThat(up.errors())
                .contains("submitting the job from savepoint-")
                .contains("submitting the job ticking from savepoint-");
        // One that had begun anew would need as long as the first to come so far.
        await().atMost(SOON).until(() -> tick().isPresent());
        assertThat(tick().orElseThrow()).isGreaterThanOrEqualTo(before);
    }

    @Test
    void flinkTakesTheJobThatIsMeantAndItsOwnArguments() throws Exception {
        Matcher savepoint = SAVEPOINT.matcher(run("flink", "--job", jar, "savepoint").output());
        assertThat(savepoint.find()).isTrue();
        run("flink", "--job", jar, "cancel");

        PonixProcess.Outcome refused = ponix.run("flink", "run", "-d", "-s", savepoint.group(1));
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.errors()).contains("is of another job");

        run("flink", "--job", jar, "run", "-d", "-s", savepoint.group(1));
        assertThat(run("flink", "--job", jar, "run", "--help").output()).contains("flink run");
        assertThat(ponix.run("status").output()).containsPattern("job +ticking: RUNNING");
    }

    @Test
    void aJobThatIsNoneIsNamed() throws Exception {
        PonixProcess.Outcome unknown = ponix.run("up", "--job", "sessions");
        assertThat(unknown.status()).isEqualTo(2);
        assertThat(unknown.errors())
                .containsPattern(
                        "there is no job 'sessions'; there are (\\S+, )*envelope-pipeline, ")
                .doesNotContain("\tat ");
        PonixProcess.Outcome missing = ponix.run("flink", "--job", "/no/such.jar", "run", "-d");
        assertThat(missing.status()).isEqualTo(1);
        assertThat(missing.errors()).contains("there is no job /no/such.jar");
        PonixProcess.Outcome vain = ponix.run("flink", "--job", jar, "list");
        assertThat(vain.status()).isEqualTo(2);
        assertThat(vain.errors()).contains("--job goes with run, savepoint, stop and cancel");
        PonixProcess.Outcome twice = ponix.run("up", "--job", jar, "--job", jar);
        assertThat(twice.status()).isEqualTo(2);
        assertThat(twice.errors()).contains("names a job twice");
    }

    @Test
    void theJarsOfTheCheckoutAreWhatTheirDescriptorsSay() throws Exception {
        for (KnownJob job : JobCatalog.ofThisCheckout().all()) {
            assertThat(JobDescriptor.ofJar(job.jar())).isEqualTo(job.descriptor());
            try (JarFile file = new JarFile(job.jar().toFile())) {
                assertThat(file.getManifest().getMainAttributes().getValue("Main-Class"))
                        .as("main class of %s", job.jar())
                        .isEqualTo(job.descriptor().mainClass());
            }
        }
    }

    private static Path home() {
        // Of a name that is written otherwise in a URI.
        return folder.resolve("two 100% jöbs");
    }

    private static FlinkRest flink() {
        return new FlinkRest(StackAddresses.read(home()).dashboardUrl());
    }

    /** The ids of the active jobs, by their names. */
    private static Map<String, String> jobs() {
        Map<String, String> jobs = new TreeMap<>();
        for (FlinkRest.Job job : flink().jobs()) {
            if (job.isActive()) {
                jobs.put(job.name(), job.id());
            }
        }
        return jobs;
    }

    private static OptionalLong tick() {
        return flink().sumOfMetric(jobs().get(TICKING), "tick");
    }

    private static PonixProcess.Outcome run(String... arguments) throws Exception {
        PonixProcess.Outcome outcome = ponix.run(arguments);
        assertThat(outcome.status()).as("%s", outcome).isZero();
        return outcome;
    }
}
