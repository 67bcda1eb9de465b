package io.ponix.deviceservice;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import io.ponix.client.nats.NatsConnections;
import io.ponix.embedded.clickhouse.ClickHouseProgramUsers;
import io.ponix.embedded.clickhouse.EmbeddedClickHouse;
import io.ponix.embedded.nats.EmbeddedNats;
import io.ponix.embedded.nats.NatsProgramUser;
import io.ponix.embedded.nats.NatsProgramUsers;
import io.ponix.migrations.ClickHouseMigrations;
import io.ponix.proto.dead_letter.v1.DeadLetter;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.deadletter.DeadLetterHeaders;
import io.ponix.proto.deadletter.DeadLetterReasons;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** NATS and ClickHouse with what a job would have left there. */
final class TelemetryUnderTest implements AutoCloseable {

    static final String RAW_STREAM = "raw_envelopes";
    static final String DEAD_LETTERS = "dead_letters";

    /** The service has a user that may do no more than docker/nats-users.conf permits. */
    private static final NatsProgramUsers USERS = NatsProgramUsers.ofTheCheckout();

    /** And in ClickHouse no more than docker/clickhouse-users.sql grants. */
    private static final ClickHouseProgramUsers CLICKHOUSE_USERS =
            ClickHouseProgramUsers.ofTheCheckout();

    private final EmbeddedNats nats;
    private final EmbeddedClickHouse clickHouse;
    private final Connection connection;

    private TelemetryUnderTest(
            EmbeddedNats nats, EmbeddedClickHouse clickHouse, Connection connection) {
        this.nats = nats;
        this.clickHouse = clickHouse;
        this.connection = connection;
    }

    static TelemetryUnderTest start(Path home) throws Exception {
        EmbeddedNats nats =
                EmbeddedNats.builder().home(home).configuration(USERS.configuration()).build();
        EmbeddedClickHouse clickHouse =
                EmbeddedClickHouse.builder()
                        .home(home)
                        .users(CLICKHOUSE_USERS.statements())
                        .build();
        try {
            CompletableFuture.allOf(
                            CompletableFuture.runAsync(nats::start),
                            CompletableFuture.runAsync(clickHouse::start))
                    .join();
            ClickHouseMigrations.builder()
                    .settings(CLICKHOUSE_USERS.at(clickHouse.address(), "ponix-migrations"))
                    .build()
                    .up();
            Connection connection =
                    NatsConnections.open(USERS.of("ponix-operator").at(nats.url()), "test");
            for (String stream : new String[] {RAW_STREAM, DEAD_LETTERS}) {
                connection
                        .jetStreamManagement()
                        .addStream(
                                StreamConfiguration.builder()
                                        .name(stream)
                                        .subjects(stream + ".>")
                                        .build());
            }
            return new TelemetryUnderTest(nats, clickHouse, connection);
        } catch (Exception e) {
            nats.close();
            clickHouse.close();
            throw e;
        }
    }

    /** The settings that lead here. */
    Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>(clickHouse.address().environment());
        environment.put("PONIX_NATS_URL", nats.url());
        environment.putAll(USERS.of("ponix-service").environment());
        environment.putAll(CLICKHOUSE_USERS.environment("ponix-service"));
        return environment;
    }

    EmbeddedNats nats() {
        return nats;
    }

    EmbeddedClickHouse clickHouse() {
        return clickHouse;
    }

    /** An envelope of a device. */
    static RawEnvelope envelope(EndDevice device, String hex, String occurredAt, int fPort)
            throws Exception {
        return RawEnvelope.newBuilder()
                .setOrganizationId(device.getOrganizationId())
                .setEndDeviceId(device.getDeviceId())
                .setPayload(ByteString.copyFrom(HexFormat.of().parseHex(hex)))
                .setOccurredAt(Timestamps.parse(occurredAt))
                .setFPort(fPort)
                .putAttributes("rssi", "-90")
                .build();
    }

    /** Publishes a message as a producer does, and returns its sequence. */
    long publish(String deviceId, byte[] message) throws IOException, JetStreamApiException {
        return connection.jetStream().publish(RAW_STREAM + "." + deviceId, message).getSeqno();
    }

    /** Publishes an envelope and stores the rows that a job would make of it. */
    long store(RawEnvelope envelope, String... jsons) throws Exception {
        long sequence = publish(envelope.getEndDeviceId(), envelope.toByteArray());
        long received =
                connection
                        .jetStreamManagement()
                        .getMessage(RAW_STREAM, sequence)
                        .getTime()
                        .toInstant()
                        .toEpochMilli();
        for (int index = 0; index < jsons.length; index++) {
            query(
                    "INSERT INTO processed_envelopes (organization_id, end_device_id, occurred_at,"
                            + " processed_at, data, stream, stream_sequence, received_at, row_index,"
                            + " row_count) SETTINGS json_type_escape_dots_in_keys = 1"
                            + " FORMAT JSONEachRow {\"organization_id\": \"%s\", \"end_device_id\": \"%s\","
                                    .formatted(
                                            envelope.getOrganizationId(), envelope.getEndDeviceId())
                            + " \"occurred_at\": \"%s\", \"processed_at\": \"%s\", \"data\": %s,"
                                    .formatted(
                                            seconds(Timestamps.toMillis(envelope.getOccurredAt())),
                                            seconds(received),
                                            jsons[index])
                            + " \"stream\": \"%s\", \"stream_sequence\": %d, \"received_at\": \"%s\","
                                    .formatted(RAW_STREAM, sequence, seconds(received))
                            + " \"row_index\": %d, \"row_count\": %d}"
                                    .formatted(index, jsons.length));
        }
        return sequence;
    }

    /** As ClickHouse reads a DateTime64: seconds since 1970, with three places. */
    private static String seconds(long millis) {
        return "%d.%03d".formatted(millis / 1_000, millis % 1_000);
    }

    /** Publishes a message and the dead letter that a job would make of it. */
    void giveUp(String deviceId, byte[] message, DeadLetterReason reason, String why)
            throws IOException, JetStreamApiException {
        long sequence = publish(deviceId, message);
        DeadLetter letter =
                DeadLetter.newBuilder()
                        .setStream(RAW_STREAM)
                        .setStreamSequence(sequence)
                        .setEndDeviceId(deviceId)
                        .setReason(reason)
                        .setMessage(why)
                        .setFailedAt(Timestamp.newBuilder().setSeconds(1_764_000_000L + sequence))
                        .setRawEnvelope(ByteString.copyFrom(message))
                        .setRawEnvelopeSize(message.length)
                        .build();
        connection
                .jetStream()
                .publish(
                        NatsMessage.builder()
                                .subject(DeadLetterReasons.subject(DEAD_LETTERS, reason))
                                .headers(new Headers().add(DeadLetterHeaders.DEVICE, deviceId))
                                .data(letter.toByteArray())
                                .build());
    }

    /** Publishes to the stream of dead letters what no job would. */
    void putStranger(String deviceId, byte[] data) throws IOException, JetStreamApiException {
        connection
                .jetStream()
                .publish(
                        DEAD_LETTERS + ".OTHER",
                        new Headers().add(DeadLetterHeaders.DEVICE, deviceId),
                        data);
    }

    /** The same with headers as they are, which the client library would not send. */
    void putStranger(byte[] headers) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", nats.port())) {
            NatsProgramUser operator = USERS.of("ponix-operator");
            OutputStream out = socket.getOutputStream();
            out.write(
                    ("CONNECT {\"verbose\":false,\"headers\":true,\"user\":\"%s\",\"pass\":\"%s\"}\r\n"
                                    + "HPUB %s.OTHER %d %d\r\n")
                            .formatted(
                                    operator.name(),
                                    operator.password().reveal(),
                                    DEAD_LETTERS,
                                    headers.length,
                                    headers.length)
                            .getBytes(UTF_8));
            out.write(headers);
            out.write("\r\nPING\r\n".getBytes(UTF_8));
            StringBuilder answer = new StringBuilder();
            while (answer.indexOf("PONG\r\n") < 0) {
                int next = socket.getInputStream().read();
                if (next < 0) {
                    throw new IOException("the server closed the connection: " + answer);
                }
                answer.append((char) next);
            }
        }
    }

    /** Removes the messages of a stream, as its limits do in time. */
    void purge(String stream) throws IOException, JetStreamApiException {
        connection.jetStreamManagement().purgeStream(stream);
    }

    /** Executes a statement in ClickHouse. */
    void query(String sql) throws IOException, InterruptedException {
        HttpResponse<String> response =
                HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(
                                                URI.create(
                                                        clickHouse.url()
                                                                + "/?database="
                                                                + clickHouse.database()))
                                        .header("X-ClickHouse-User", clickHouse.username())
                                        .header("X-ClickHouse-Key", clickHouse.password())
                                        .POST(HttpRequest.BodyPublishers.ofString(sql))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException(response.body());
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        nats.close();
        clickHouse.close();
    }
}
