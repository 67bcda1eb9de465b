package io.ponix.bench.intake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.ponix.bench.stack.BenchStack;
import io.ponix.cli.stack.GatewayKeyFile;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ponix bench intake}: what it costs to get messages into the stream through the bridge. */
@Command(
        name = "intake",
        sortOptions = false,
        description = {
            "Measure how messages get into the stream: through the bridge by MQTT and by HTTP,"
                    + " beside publishing to JetStream.",
            "On a stack of its own, without the job, messages of 24 bytes are sent by each way"
                    + " until JetStream has stored them: as fast as it goes, from one client (2,000 in"
                    + " flight to JetStream, by MQTT what the broker allows, 64 requests by HTTP), then"
                    + " at a steady rate, by eight that each wait for an acknowledgement before the"
                    + " next. Every message is looked for in the stream. Then it is measured what"
                    + " gateways cost that get no message.",
            "",
            "Stored is when the stream's own time stamp says, counted from when the message was"
                    + " due; acknowledged is when its sender knows: by JetStream, by the bridge's"
                    + " answer 202, and by MQTT from the broker, which does not wait for the stream."
                    + " CPU time is that of the bridge, the broker and NATS, from /proc. Rate and CPU"
                    + " time are taken while 20 %% to 90 %% of the messages come in."
        },
        footer = {
            "",
            "Examples:",
            "  ./ponix bench intake      some minutes",
            "  ./ponix bench intake --messages 10000 --seconds 5 --idle-gateways 0      the JVMs"
                    + " are hardly warm",
            "  ./ponix bench intake --failing-gateways 9000      and what brokers cost that cannot"
                    + " be used"
        })
public final class IntakeCommand implements Callable<Integer> {

    @Mixin private IntakeOptions options;

    @Mixin private BenchStack stack;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        options.check();
        IntakeResult result =
                stack.with(
                        true,
                        Map.of(),
                        (running, addresses, home, progress) -> {
                            try (IntakeRun run =
                                    new IntakeRun(
                                            running,
                                            addresses,
                                            new GatewayKeyFile(home).require(),
                                            home,
                                            options,
                                            progress)) {
                                return run.run();
                            }
                        });
        if (json) {
            System.out.println(json(result));
        } else {
            new IntakeReport(result).print(System.out);
        }
        return result.account().balances() ? 0 : 1;
    }

    private static String json(IntakeResult result) {
        try {
            return new ObjectMapper()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .writeValueAsString(result);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a result is numbers and names", e);
        }
    }
}
