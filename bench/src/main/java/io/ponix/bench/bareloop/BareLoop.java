package io.ponix.bench.bareloop;

import io.nats.client.Connection;
import io.nats.client.ConsumeOptions;
import io.nats.client.IterableConsumer;
import io.nats.client.Message;
import io.nats.client.api.OrderedConsumerConfiguration;
import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.client.nats.NatsConnections;
import io.ponix.client.nats.NatsSettings;
import io.ponix.client.postgres.PostgresSettings;
import io.ponix.environment.SecretFiles;
import io.ponix.jobs.envelope.inbound.EnvelopeParser;
import io.ponix.jobs.envelope.inbound.InboundEnvelope;
import io.ponix.jobs.message.RawMessage;
import io.ponix.registry.Column;
import io.ponix.registry.EndDeviceRow;
import io.ponix.registry.ResultSetRow;
import io.ponix.transforms.JsonBuffer;
import io.ponix.transforms.Transform;
import io.ponix.transforms.TransformCompiler;
import io.ponix.transforms.TransformInput;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * The limit of what a job can reach: one loop in one JVM that consumes a stream, decodes with the
 * job's parser and transforms, and inserts Native blocks under deduplication tokens. No position is
 * kept, no device is watched, nothing is dead-lettered: what goes wrong ends it.
 *
 * <p>Arguments: the stream, the sequence after which to stop, the table. The PONIX_* environment
 * says where the servers are. When all is stored it stays, so that its CPU time can be read, until
 * its standard input ends; which also ends it when its parent dies.
 */
@SuppressWarnings("try") // closing waits for threads of the client, and may be interrupted
public final class BareLoop {

    private static final int BLOCK_ROWS = 50_000;
    private static final int FETCH_MESSAGES = 5_000;

    /** The client takes three heartbeats, each half of this, to notice a lost consumer. */
    private static final Duration FETCH_EXPIRES_IN = Duration.ofSeconds(3);

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private record Device(String name, Transform transform) {}

    private final Map<String, Device> devices;
    private final BlockInserts inserts;
    private final NativeBlock block = new NativeBlock();
    private final DeliverySubject delivery = new DeliverySubject();
    private final EnvelopeParser parser = new EnvelopeParser();
    private final TransformInput input = new TransformInput();
    private final JsonBuffer json = new JsonBuffer();

    private BareLoop(Map<String, Device> devices, BlockInserts inserts) {
        this.devices = devices;
        this.inserts = inserts;
    }

    /** Runs the loop. */
    public static void main(String[] arguments) throws Exception {
        Thread watchdog = new Thread(BareLoop::exitWithParent, "parent");
        watchdog.setDaemon(true);
        watchdog.start();
        Map<String, String> environment = SecretFiles.resolve(System.getenv());
        try (BlockInserts inserts =
                        new BlockInserts(
                                ClickHouseSettings.fromEnvironment(environment), arguments[2]);
                Connection nats =
                        NatsConnections.open(
                                NatsSettings.fromEnvironment(environment), "ponix-bare-loop")) {
            new BareLoop(devices(environment), inserts)
                    .drain(nats, arguments[0], Long.parseLong(arguments[1]));
        }
        watchdog.join();
    }

    private static void exitWithParent() {
        try {
            System.in.transferTo(System.err);
        } catch (java.io.IOException e) {
            e.printStackTrace();
        }
        Runtime.getRuntime().halt(0);
    }

    private static Map<String, Device> devices(Map<String, String> environment) throws Exception {
        TransformCompiler compiler = TransformCompiler.create();
        Map<String, Transform> compiled = new HashMap<>();
        Map<String, Device> devices = new HashMap<>();
        try (java.sql.Connection postgres =
                        PostgresSettings.fromEnvironment(environment).connect();
                Statement statement = postgres.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT "
                                        + Column.select(EndDeviceRow.COLUMNS)
                                        + " FROM "
                                        + EndDeviceRow.TABLE)) {
            while (rows.next()) {
                EndDeviceRow row = EndDeviceRow.read(new ResultSetRow(rows));
                String text = row.payloadConversion();
                Transform transform = compiled.get(text);
                if (transform == null) {
                    transform = compiler.compile(text);
                    compiled.put(text, transform);
                }
                devices.put(row.deviceId(), new Device(row.name(), transform));
            }
        }
        return devices;
    }

    private void drain(Connection nats, String stream, long lastSequence) throws Exception {
        ConsumeOptions options =
                ConsumeOptions.builder()
                        .batchSize(FETCH_MESSAGES)
                        .expiresIn(FETCH_EXPIRES_IN.toMillis())
                        .build();
        try (IterableConsumer messages =
                nats.getStreamContext(stream)
                        .createOrderedConsumer(new OrderedConsumerConfiguration())
                        .iterate(options)) {
            long sequence = 0;
            long firstOfBlock = 1;
            while (sequence < lastSequence) {
                Message message = messages.nextMessage(PATIENCE);
                if (message == null) {
                    throw new IllegalStateException(
                            "no message after sequence " + sequence + " of " + lastSequence);
                }
                delivery.parse(message.getReplyTo());
                sequence = delivery.sequence();
                decode(stream, message);
                if (block.rows() == BLOCK_ROWS || sequence >= lastSequence) {
                    int rows = block.rows();
                    inserts.add(block.take(), rows, stream + ":" + firstOfBlock + "-" + sequence);
                    firstOfBlock = sequence + 1;
                }
            }
        }
        inserts.flush();
    }

    private void decode(String stream, Message message) throws Exception {
        InboundEnvelope envelope =
                parser.parse(
                        new RawMessage(
                                stream,
                                delivery.sequence(),
                                message.getSubject(),
                                delivery.millis(),
                                message.getData()));
        Device device = devices.get(envelope.endDeviceId());
        json.reset();
        input.setPayload(message.getData(), envelope.payloadOffset(), envelope.payloadLength())
                .setFPort(envelope.fPort())
                .setAttributes(envelope.attributes())
                .setOccurredAt(envelope.occurredAtSeconds(), envelope.occurredAtNanos())
                .setDevice(envelope.endDeviceId(), device.name(), envelope.organizationId());
        device.transform().evaluate(input, json);
        block.add(
                envelope.organizationId(),
                envelope.endDeviceId(),
                envelope.occurredAtSeconds() * 1_000 + envelope.occurredAtNanos() / 1_000_000,
                System.currentTimeMillis(),
                json.array(),
                json.length(),
                stream,
                delivery.sequence(),
                delivery.millis());
    }
}
