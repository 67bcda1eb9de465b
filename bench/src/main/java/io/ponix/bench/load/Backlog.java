package io.ponix.bench.load;

import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.simulation.EnvelopePublisher;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.terminal.ProgressLine;
import io.ponix.connector.nats.JetStreamAdmin;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Envelopes that wait in JetStream before anybody reads. */
public final class Backlog {

    /** The stream of raw envelopes. */
    public static final String STREAM = "raw_envelopes";

    /** Over so many the server spreads the devices, and so many splits has the job's source. */
    private static final int PARTITIONS = 8;

    private static final Duration INTERVAL = Duration.ofSeconds(60);

    private Backlog() {}

    /** Makes the stream, as the job would. */
    public static void ensureStream(StackAddresses addresses) {
        try (JetStreamAdmin admin = JetStreamAdmin.connect(addresses.nats())) {
            List<String> subjects = new ArrayList<>(List.of(STREAM + ".*"));
            for (int partition = 0; partition < PARTITIONS; partition++) {
                subjects.add(STREAM + "." + partition + ".*");
            }
            admin.ensureStream(
                    StreamConfiguration.builder()
                            .name(STREAM)
                            .storageType(StorageType.File)
                            .subjects(subjects)
                            .build());
        } catch (IOException e) {
            throw new CommandException("cannot make the stream " + STREAM + ": " + e, e);
        }
    }

    /** Makes the stream and fills it; returns when the server has all. */
    public static void publish(
            StackAddresses addresses, Devices devices, long envelopes, ProgressLine progress) {
        ensureStream(addresses);
        AtomicLong stored = new AtomicLong();
        long started = System.nanoTime();
        try (EnvelopePublisher publisher =
                new EnvelopePublisher(
                        addresses.nats(),
                        STREAM,
                        sequence -> {
                            long count = stored.incrementAndGet();
                            if (count % 1_000 == 0) {
                                progress.show(
                                        "published %,d of %,d envelopes (%,.0f/s)"
                                                .formatted(
                                                        count,
                                                        envelopes,
                                                        count
                                                                * 1e9
                                                                / (System.nanoTime() - started)));
                            }
                        })) {
            devices.simulation()
                    .publish(publisher, devices.registered(), 0, envelopes, envelopes, INTERVAL, 0);
            publisher.flush();
        }
    }
}
