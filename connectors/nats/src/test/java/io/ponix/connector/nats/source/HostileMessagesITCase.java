package io.ponix.connector.nats.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.connector.nats.FlinkFixture;
import io.ponix.connector.nats.NatsFixture;
import io.ponix.connector.nats.source.message.JetStreamDeserializationSchema;
import io.ponix.connector.nats.source.message.JetStreamMessage;
import io.ponix.connector.nats.source.settings.StoppingPosition;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What a server stores and this client's library would not publish: each is read, and what is
 * behind it too. Sent byte for byte, as any client may.
 */
@Timeout(60)
@SuppressWarnings("try") // javac warns of close() methods that may be interrupted
class HostileMessagesITCase {

    private static final String STREAM = "hostile";

    @RegisterExtension static final MiniClusterExtension FLINK = FlinkFixture.withSlots(1);

    @RegisterExtension static final NatsFixture NATS = new NatsFixture();

    @Test
    void subjectsAndHeadersOfAnyKindAreRead() throws Exception {
        NATS.createStream(STREAM, STREAM + ".>");
        List<String> subjects =
                List.of(
                        "plain",
                        "größe.温度.😀",
                        "\uff80\uff81\uff9f",
                        "\u0001\u001b[2J\u007f",
                        "\u009b31m\u202e",
                        "x".repeat(400),
                        "y".repeat(3_900),
                        "ü".repeat(1_900));
        List<String> headers =
                List.of(
                        "NATS/1.0\r\nKey: value\r\n\r\n",
                        "NATS/1.0\r\nKey: größe 温度\r\n\r\n",
                        "NATS/1.0\r\nSchlüssel: value\r\n\r\n",
                        "NATS/1.0\r\nKey: a\u0000\u0001\u001b[2J\r\n\r\n",
                        "NATS/1.0\r\nno colon\r\n\r\n",
                        "NATS/1.0\r\nKey: one\r\n folded\r\n\r\n",
                        "NATS/1.0\r\nKey: a\nb\r\n\r\n",
                        "NATS/1.0\r\n: no name\r\n\r\n",
                        "NATS/1.0\r\nKey: \r\n\r\n",
                        "NATS/1.0 503\r\n\r\n",
                        "NATS/1.0 100 Idle Heartbeat\r\n\r\n",
                        "NATS/1.0 404 No Messages\r\nKey: value\r\n\r\n",
                        "NATS/1.0\r\n\r\n",
                        "NATS/1.0\r\nNats-Stream: other\r\nNats-Sequence: x\r\n\r\n",
                        "NATS/9.9\r\nKey: value\r\n\r\n",
                        "no headers at all");
        List<String> expected = new ArrayList<>();
        try (Socket socket = new Socket("127.0.0.1", NATS.server().port())) {
            OutputStream out = socket.getOutputStream();
            out.write("CONNECT {\"verbose\":false,\"headers\":true}\r\n".getBytes(UTF_8));
            for (String subject : subjects) {
                publish(out, subject, "", "data");
                expected.add(STREAM + "." + subject + "=data");
            }
            for (int i = 0; i < headers.size(); i++) {
                publish(out, "header" + i, headers.get(i), "data" + i);
                expected.add(STREAM + ".header" + i + "=data" + i);
            }
            out.write("PING\r\n".getBytes(UTF_8));
            out.flush();
            awaitPong(socket);
        }
        NATS.publish(1, STREAM + ".last");
        expected.add(STREAM + ".last=0");
        long stored = NATS.state(STREAM).getMsgCount();
        assertThat(stored).isEqualTo(expected.size());

        assertThat(read().stream().map(HostileMessagesITCase::visible))
                .isEqualTo(
                        expected.stream()
                                .map(HostileMessagesITCase::visible)
                                .collect(Collectors.toList()));
    }

    private static List<String> read() throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        environment.setParallelism(1);
        List<String> read = new ArrayList<>();
        try (CloseableIterator<String> results =
                environment
                        .fromSource(
                                JetStreamSource.<String>builder()
                                        .setConnection(NATS.connection())
                                        .setStream(STREAM)
                                        .setStoppingPosition(StoppingPosition.latest())
                                        .setDeserializer(new SubjectAndData())
                                        .build(),
                                WatermarkStrategy.noWatermarks(),
                                "source")
                        .executeAndCollect()) {
            results.forEachRemaining(read::add);
        }
        return read;
    }

    private static void publish(OutputStream out, String subject, String headers, String data)
            throws IOException {
        byte[] headerBytes = headers.getBytes(UTF_8);
        byte[] dataBytes = data.getBytes(UTF_8);
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.write(
                (headerBytes.length == 0
                                ? "PUB %s.%s %d\r\n".formatted(STREAM, subject, dataBytes.length)
                                : "HPUB %s.%s %d %d\r\n"
                                        .formatted(
                                                STREAM,
                                                subject,
                                                headerBytes.length,
                                                headerBytes.length + dataBytes.length))
                        .getBytes(UTF_8));
        message.write(headerBytes);
        message.write(dataBytes);
        message.write("\r\n".getBytes(UTF_8));
        out.write(message.toByteArray());
    }

    private static void awaitPong(Socket socket) throws IOException {
        StringBuilder answer = new StringBuilder();
        while (answer.indexOf("PONG\r\n") < 0) {
            int read = socket.getInputStream().read();
            assertThat(read).as("the server closed the connection: %s", answer).isNotNegative();
            answer.append((char) read);
        }
        assertThat(answer.toString()).doesNotContain("-ERR");
    }

    /** So that a failure can be read in a terminal. */
    private static String visible(String text) {
        return text.chars()
                .mapToObj(c -> c > ' ' && c < 0x7f ? Character.toString(c) : "\\u%04x".formatted(c))
                .collect(Collectors.joining());
    }

    /** A message as its subject and its data. */
    private static final class SubjectAndData implements JetStreamDeserializationSchema<String> {

        private static final long serialVersionUID = 1L;

        @Override
        public void deserialize(JetStreamMessage message, Collector<String> out) {
            out.collect(message.subject() + "=" + new String(message.data(), UTF_8));
        }

        @Override
        public TypeInformation<String> getProducedType() {
            return Types.STRING;
        }
    }
}
