package io.ponix.jobs.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.embedded.process.EmbeddedProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A cluster forgets a job that has ended: else its classes fill metaspace, and after some fifteen
 * submissions the TaskManager ends.
 */
@ExtendWith(SharedStack.class)
class ClassLoadersITCase {

    /** {@code -Dponix.test.submissions=20} looks longer. */
    private static final int SUBMISSIONS = Integer.getInteger("ponix.test.submissions", 5);

    /**
     * The JDK keeps, for {@code equals}, {@code hashCode} and {@code toString} of records, the
     * method type that was asked for last, and with it a class loader: the latest job's, however
     * many there were before.
     */
    private static final int LATEST = 2;

    /** Connections end a while after their last use: the JDBC driver's thread after 30 s. */
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @Test
    void noSubmissionLeavesItsClassesBehind(PipelineStack stack) throws Exception {
        for (int submission = 1; submission <= SUBMISSIONS; submission++) {
            stack.submit();
            assertThat(userClassLoaders(stack.flink().taskManager(1))).isPositive();
            stack.cancel();
        }
        for (EmbeddedProcess process :
                new EmbeddedProcess[] {stack.flink().taskManager(1), stack.flink().jobManager()}) {
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () ->
                                    assertThat(userClassLoaders(process))
                                            .as(process.title())
                                            .isLessThanOrEqualTo(LATEST));
        }
    }

    /** How many class loaders of jobs there are after a full collection. */
    private static long userClassLoaders(EmbeddedProcess process)
            throws IOException, InterruptedException {
        Process histogram =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                                Long.toString(process.pid().orElseThrow()),
                                "GC.class_histogram")
                        .redirectErrorStream(true)
                        .start();
        String output =
                new String(histogram.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(histogram.waitFor()).as(output).isZero();
        return output.lines()
                .filter(line -> line.contains("org.apache.flink.util.ChildFirstClassLoader"))
                .mapToLong(line -> Long.parseLong(line.strip().split("\\s+")[1]))
                .sum();
    }
}
