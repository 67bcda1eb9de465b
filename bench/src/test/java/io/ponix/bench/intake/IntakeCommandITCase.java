package io.ponix.bench.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.bench.stack.BenchStack;
import io.ponix.cli.stack.GatewayKeyFile;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A short run on a stack of its own. */
class IntakeCommandITCase {

    private static final int MESSAGES = 2_000;

    @TempDir private Path home;

    @Test
    void everyMessageIsAccountedForAndTheCostOfGatewaysIsTold() throws Exception {
        IntakeOptions options = new IntakeOptions();
        new CommandLine(options)
                .parseArgs(
                        "--messages=" + MESSAGES,
                        "--rate=200",
                        "--seconds=1",
                        "--idle-gateways=20",
                        "--failing-gateways=6");
        options.check();
        BenchStack stack = new BenchStack();
        new CommandLine(stack).parseArgs("--home=" + home.resolve("bench"));

        IntakeResult result =
                stack.with(
                        true,
                        Map.of(),
                        (running, addresses, folder, progress) -> {
                            try (IntakeRun run =
                                    new IntakeRun(
                                            running,
                                            addresses,
                                            new GatewayKeyFile(folder).require(),
                                            folder,
                                            options,
                                            progress)) {
                                return run.run();
                            }
                        });

        int waysAndFleets = 3 + 3;
        long sent = 4L * MESSAGES + waysAndFleets * 2 * 200;
        assertThat(result.account()).isEqualTo(new IntakeResult.Account(sent, sent, sent));
        assertThat(result.throughput())
                .hasSize(IntakeWay.values().length)
                .allSatisfy(
                        each -> {
                            assertThat(each.perSecond()).isPositive();
                            assertThat(each.ratio()).isPositive();
                        });
        // NATS alone stores so few within a tick of the processor's clock.
        assertThat(result.throughput().subList(1, IntakeWay.values().length))
                .allSatisfy(each -> assertThat(each.cpuMicros().get("all")).isPositive());
        assertThat(result.steady())
                .allSatisfy(
                        each -> {
                            assertThat(each.untilStored().millisP50()).isBetween(0.05, 1_000.0);
                            assertThat(each.untilAcknowledged().millisP50())
                                    .isBetween(0.05, 1_000.0);
                        });
        assertThat(result.gateways())
                .extracting(IntakeResult.Gateways::connected)
                .containsExactly(0L, 20L, 20L);
        assertThat(result.gateways().get(2).failing()).isEqualTo(6);
        // So few are less than what the heap of the same bridge differs by from time to time.
        assertThat(result.gateways())
                .allSatisfy(each -> assertThat(each.bridge().liveHeapBytes()).isPositive());

        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new IntakeReport(result).print(new PrintStream(out, true, StandardCharsets.UTF_8));
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("none lost, none doubled")
                .contains("20 idle", "and 6 that fail")
                .containsPattern("messages/s +[\\d,]+ +[\\d,]+");
    }
}
