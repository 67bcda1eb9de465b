package io.ponix.bench.calls;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.grpc.ManagedChannel;
import io.ponix.bench.stack.RegistryStack;
import io.ponix.cli.program.OptionRange;
import io.ponix.cli.terminal.ProgressLine;
import io.ponix.cli.terminal.TextTable;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.EndDeviceServiceGrpc;
import io.ponix.proto.organization.v1.CreateOrganizationRequest;
import io.ponix.proto.organization.v1.OrganizationServiceGrpc;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ponix bench calls}: what it costs that a key is looked at. */
@Command(
        name = "calls",
        sortOptions = false,
        description = {
            "Measure calls of the device service with and without a key.",
            "On a Postgres and a service of its own, which takes both (PONIX_AUTH=optional), one"
                    + " client asks for a device (GetEndDevice) again and again, without a key and"
                    + " with one in turns of a second, so that whatever else happens on the machine"
                    + " happens to both."
        },
        footer = {
            "",
            "Example:",
            "  ./ponix bench calls      half a minute for each, and the warm-up"
        })
public final class CallsCommand implements Callable<Integer> {

    private static final String ORGANIZATION = "org-calls";
    private static final Duration TURN = Duration.ofSeconds(1);

    /** By then what is called often is compiled. */
    private static final int WARM_UP_TURNS = 8;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "30",
            description = "How long each is measured. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(
            names = "--concurrent",
            paramLabel = "N",
            defaultValue = "8",
            description = "Calls in flight. Default: ${DEFAULT-VALUE}.")
    private int concurrent;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        OptionRange.check("--seconds", seconds, 1, 3_600);
        OptionRange.check("--concurrent", concurrent, 1, 1_000);
        CallsResult result;
        try (RegistryStack stack = RegistryStack.start();
                ProgressLine progress = new ProgressLine()) {
            result = measure(stack, progress);
        }
        if (json) {
            System.out.println(json(result));
        } else {
            print(result, System.out);
        }
        return 0;
    }

    CallsResult measure(RegistryStack stack, ProgressLine progress) {
        ManagedChannel withKey = stack.channelWithKey();
        ManagedChannel withoutKey = stack.channelWithoutKey();
        try {
            EndDevice device = device(withKey);
            ClosedLoop keyless =
                    new ClosedLoop(
                            EndDeviceServiceGrpc.newFutureStub(withoutKey), device, concurrent);
            ClosedLoop keyed =
                    new ClosedLoop(EndDeviceServiceGrpc.newFutureStub(withKey), device, concurrent);
            int warmUpTurns = Math.min(WARM_UP_TURNS, seconds);
            for (int turn = 1; turn <= warmUpTurns + seconds; turn++) {
                boolean counted = turn > warmUpTurns;
                progress.show(
                        counted
                                ? "second %d of %d".formatted(turn - warmUpTurns, seconds)
                                : "warming up");
                // Who comes second in one turn is first in the next.
                for (ClosedLoop loop :
                        turn % 2 == 0 ? List.of(keyless, keyed) : List.of(keyed, keyless)) {
                    loop.round(TURN, counted);
                }
            }
            return new CallsResult(
                    Runtime.getRuntime().availableProcessors(),
                    concurrent,
                    keyless.result(),
                    keyed.result());
        } finally {
            withKey.shutdownNow();
            withoutKey.shutdownNow();
        }
    }

    private static EndDevice device(ManagedChannel channel) {
        OrganizationServiceGrpc.newBlockingStub(channel)
                .createOrganization(
                        CreateOrganizationRequest.newBuilder()
                                .setOrganizationId(ORGANIZATION)
                                .setName("Calls of a benchmark")
                                .build());
        return EndDeviceServiceGrpc.newBlockingStub(channel)
                .createEndDevice(
                        CreateEndDeviceRequest.newBuilder()
                                .setOrganizationId(ORGANIZATION)
                                .setName("Asked for")
                                .setPayloadConversion("cayenne_lpp_decode(input)")
                                .build())
                .getEndDevice();
    }

    static void print(CallsResult result, PrintStream out) {
        out.printf(
                "  GetEndDevice, %d calls in flight; %d processors, which the service, Postgres and"
                        + " this command share%n%n",
                result.concurrent(), result.processors());
        CallsResult.Way without = result.withoutKey();
        CallsResult.Way with = result.withKey();
        new TextTable("", ">without a key", ">with one", ">ratio")
                .row(
                        "calls/s",
                        "%,.0f".formatted(without.perSecond()),
                        "%,.0f".formatted(with.perSecond()),
                        "%.3f".formatted(result.ratioOfRates()))
                .row(
                        "p50, ms",
                        "%.2f".formatted(without.time().millisP50()),
                        "%.2f".formatted(with.time().millisP50()),
                        "%.3f".formatted(with.time().millisP50() / without.time().millisP50()))
                .row(
                        "p99, ms",
                        "%.2f".formatted(without.time().millisP99()),
                        "%.2f".formatted(with.time().millisP99()),
                        "%.3f".formatted(result.ratioOfMillisP99()))
                .print(out, "  ");
    }

    private static String json(CallsResult result) {
        try {
            return new ObjectMapper()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .writeValueAsString(result);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a result is numbers and names", e);
        }
    }
}
