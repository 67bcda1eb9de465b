package io.ponix.cli.command;

import io.ponix.cli.program.AtInterrupt;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.program.OptionRange;
import io.ponix.cli.registry.DeviceRegistry;
import io.ponix.cli.registry.RegisteredDevice;
import io.ponix.cli.simulation.EnvelopePublisher;
import io.ponix.cli.simulation.HttpPublisher;
import io.ponix.cli.simulation.MqttPublisher;
import io.ponix.cli.simulation.ReadingPublisher;
import io.ponix.cli.simulation.Simulation;
import io.ponix.cli.simulation.Way;
import io.ponix.cli.stack.GatewayKeyFile;
import io.ponix.cli.stack.LocalStack;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.stack.StackServer;
import io.ponix.cli.terminal.ProgressLine;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ponix simulate}: registers devices and publishes their readings. */
@Command(
        name = "simulate",
        description = {
            "Register devices by gRPC and publish readings of them.",
            "They are climate sensors, asset trackers, energy meters and air quality sensors, with"
                    + " plausible curves in Cayenne LPP."
        },
        footer = {
            "",
            "Examples:",
            "  ./ponix simulate --devices 1000 --envelopes 100000",
            "     a backlog, as fast as NATS stores it",
            "  ./ponix simulate --devices 50 --envelopes 6000 --rate 100",
            "     a minute of live readings",
            "  ./ponix simulate --devices 10 --envelopes 1000 --via mqtt",
            "     to the stack's MQTT broker, from which the bridge takes them",
            "  ./ponix simulate --devices 10 --envelopes 1000 --via http",
            "     to the bridge, with the key that ./ponix up keeps"
        })
public final class SimulateCommand implements Runnable {

    private static final int MOST_DEVICES = 1_000_000;
    private static final long MOST_ENVELOPES = 1_000_000_000_000L;
    private static final double MOST_PER_SECOND = 1_000_000;

    /** How long a broker or its bridge may be away. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Mixin private HomeOption home;

    @Option(
            names = "--organization",
            paramLabel = "ID",
            defaultValue = "org-001",
            description = "Whose devices they are. Default: ${DEFAULT-VALUE}.")
    private String organization;

    @Option(
            names = "--create-organization",
            description = "Create the organization unless it is there.")
    private boolean createOrganization;

    @Option(
            names = "--devices",
            paramLabel = "N",
            defaultValue = "100",
            description = "How many devices. Default: ${DEFAULT-VALUE}.")
    private int devices;

    @Option(
            names = "--envelopes",
            paramLabel = "M",
            defaultValue = "10000",
            description = "How many envelopes in all. Default: ${DEFAULT-VALUE}.")
    private long envelopes;

    @Option(
            names = "--rate",
            paramLabel = "R",
            defaultValue = "0",
            description =
                    "Envelopes per second, occurring as they are sent. Default: ${DEFAULT-VALUE},"
                            + " without limit: as fast as NATS stores them, as a backlog of readings"
                            + " that end now.")
    private double rate;

    @Option(
            names = "--interval",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description =
                    "Time between two readings of a device in a backlog. Default:"
                            + " ${DEFAULT-VALUE}.")
    private long intervalSeconds;

    @Option(
            names = "--via",
            paramLabel = "nats|mqtt|http",
            defaultValue = "nats",
            description = {
                "nats: as envelopes, to the stream.",
                "mqtt: as messages of QoS 1, to the stack's broker, whose gateway of the"
                        + " organization is made where it is missing. A reading occurs when the bridge"
                        + " gets it then, and has no f_port: a payload is all that is published.",
                "http: as JSON, posted to the stack's own gateway with the key in the file"
                        + " gateway-key of its home; sent is what was answered 202. The devices are"
                        + " those of org-001, whose gateway it is.",
                "Default: ${DEFAULT-VALUE}."
            })
    private Way way;

    // try: what it does at Ctrl-C needs no reference.
    @SuppressWarnings("try")
    @Override
    public void run() {
        OptionRange.check("--devices", devices, 1, MOST_DEVICES);
        OptionRange.check("--envelopes", envelopes, 0, MOST_ENVELOPES);
        OptionRange.check("--rate", rate, 0, MOST_PER_SECOND);
        OptionRange.check("--interval", intervalSeconds, 1, Duration.ofDays(366).toSeconds());
        long rounds = (envelopes + devices - 1) / devices;
        if (rate == 0 && rounds > Instant.now().getEpochSecond() / intervalSeconds) {
            throw CommandException.calledWrongly(
                    "%,d readings of a device, %,d s apart, would begin before 1970; choose fewer --envelopes or a shorter --interval"
                            .formatted(rounds, intervalSeconds));
        }
        StackAddresses addresses =
                home.addresses(StackServer.POSTGRES, StackServer.DEVICE_SERVICE, StackServer.NATS);
        if (way == Way.mqtt && addresses.mqttUrl() == null) {
            throw new CommandException(
                    "the stack was started without an MQTT broker; ./ponix up starts one");
        }
        if (way == Way.http) {
            if (addresses.uplinksUrl() == null) {
                throw new CommandException(
                        "the stack was started without a bridge; ./ponix up starts one");
            }
            if (!organization.equals(LocalStack.FIRST_ORGANIZATION)) {
                throw CommandException.calledWrongly(
                        "--via http posts to the gateway of %s; leave --organization out, or choose --via mqtt"
                                .formatted(LocalStack.FIRST_ORGANIZATION));
            }
        }
        Simulation simulation = new Simulation(organization, devices);
        AtomicLong sent = new AtomicLong();
        // Some times a second, however slow it is.
        long shownEvery = rate == 0 ? 256 : (long) Math.max(1, Math.min(256, rate / 4));
        long started = System.nanoTime();
        try (AtInterrupt atInterrupt =
                        new AtInterrupt(
                                () ->
                                        AtInterrupt.tell(
                                                "sent %,d of %,d envelopes; the devices stay"
                                                        .formatted(sent.get(), envelopes)));
                ProgressLine progress = new ProgressLine();
                DeviceRegistry registry = new DeviceRegistry(addresses.deviceService())) {
            if (createOrganization) {
                registry.ensureOrganization(organization, organization);
            } else {
                registry.requireOrganization(organization);
            }
            List<RegisteredDevice> registered =
                    registry.ensureDevices(
                            organization,
                            simulation.deviceTransforms(),
                            ready ->
                                    progress.show(
                                            "registered %,d of %,d devices"
                                                    .formatted(ready, devices)));
            if (way == Way.mqtt) {
                registry.ensureGateway(organization, LocalStack.GATEWAY, addresses.mqttUrl());
            }
            Runnable counted =
                    () -> {
                        long count = sent.incrementAndGet();
                        if (count % shownEvery == 0) {
                            progress.show("sent %,d of %,d".formatted(count, envelopes));
                        }
                    };
            started = System.nanoTime();
            try (ReadingPublisher publisher = publisher(addresses, counted)) {
                simulation.publish(
                        publisher,
                        registered,
                        0,
                        envelopes,
                        envelopes,
                        Duration.ofSeconds(intervalSeconds),
                        rate);
                publisher.flush();
            }
        }
        double seconds = (System.nanoTime() - started) / 1e9;
        System.out.printf(
                "sent %,d envelopes of %,d devices in %.1f s (%,.0f/s)%n",
                sent.get(), devices, seconds, sent.get() / seconds);
    }

    private ReadingPublisher publisher(StackAddresses addresses, Runnable acknowledged) {
        return switch (way) {
            case nats ->
                    new EnvelopePublisher(
                            addresses.nats(),
                            addresses.names().rawStream(),
                            sequence -> acknowledged.run());
            case mqtt -> new MqttPublisher(addresses.mqttUrl(), acknowledged, PATIENCE);
            case http ->
                    new HttpPublisher(
                            addresses.uplinksUrl(),
                            addresses.bridgeTrust(),
                            new GatewayKeyFile(home.runningDirectory()).require(),
                            1,
                            sequence -> acknowledged.run(),
                            PATIENCE);
        };
    }
}
