package io.ponix.connector.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ponix.connector.nats.source.JetStreamDeserializationSchema;
import io.ponix.connector.nats.source.JetStreamMessage;
import io.ponix.connector.nats.source.JetStreamSource;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.Collector;
import org.apache.flink.util.ExceptionUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Identities that a server accepts, refuses, or gives less rights than a source needs. */
@Timeout(60)
class NatsAuthenticationITCase {

    @RegisterExtension
    static final MiniClusterExtension FLINK =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(1)
                            .build());

    /** Where the program is, and a server without authentication to be told apart from. */
    @RegisterExtension static final NatsFixture NATS = new NatsFixture();

    @TempDir Path home;

    private Process server;
    private String url;

    @AfterEach
    void stopServer() throws Exception {
        if (server != null) {
            server.destroy();
            server.waitFor(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void userAndPasswordAreCheckedByTheServer() throws Exception {
        startServer("user: \"me\", password: \"hunter2\"");

        NatsConnectionConfiguration right = server().userAndPassword("me", "hunter2").build();
        try (JetStreamAdmin admin = JetStreamAdmin.connect(right)) {
            assertThat(admin.findStream("none")).isEmpty();
        }
        assertRefused(server().userAndPassword("me", "wrong").build(), "wrong");
        assertRefused(server().build(), "hunter2");
    }

    @Test
    void tokenIsCheckedByTheServer() throws Exception {
        startServer("token: \"s3cret\"");

        try (JetStreamAdmin admin = JetStreamAdmin.connect(server().token("s3cret").build())) {
            assertThat(admin.findStream("none")).isEmpty();
        }
        assertRefused(server().token("wrong").build(), "wrong");
    }

    @Test
    void missingPermissionFailsTheJobAndIsNamed() throws Exception {
        startServer(
                "users: [{user: \"admin\", password: \"a\"}, {user: \"reader\", password: \"r\","
                        + " permissions: {publish: {deny: \"$JS.API.CONSUMER.CREATE.>\"}}}]");
        try (JetStreamAdmin admin =
                JetStreamAdmin.connect(server().userAndPassword("admin", "a").build())) {
            admin.connection()
                    .jetStreamManagement()
                    .addStream(
                            io.nats.client.api.StreamConfiguration.builder()
                                    .name("s")
                                    .subjects("s.*")
                                    .build());
        }
        Configuration configuration = new Configuration();
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        JetStreamSource<Long> source =
                JetStreamSource.<Long>builder()
                        .connection(server().userAndPassword("reader", "r").build())
                        .stream("s")
                        .deserializer(new Sequences())
                        .build();
        environment
                .fromSource(source, WatermarkStrategy.noWatermarks(), "source")
                .sinkTo(new DiscardingSink<>());

        assertThatThrownBy(environment::execute)
                .satisfies(
                        failure ->
                                assertThat(ExceptionUtils.stringifyException(failure))
                                        .contains("The NATS server refused")
                                        .contains("Permissions Violation")
                                        .contains("CONSUMER.CREATE"));
    }

    private static void assertRefused(NatsConnectionConfiguration configuration, String secret) {
        assertThatThrownBy(() -> JetStreamAdmin.connect(configuration))
                .isInstanceOf(NatsAccessException.class)
                .hasMessageContaining("refused")
                .hasMessageNotContaining(secret);
    }

    private NatsConnectionConfiguration.Builder server() {
        return NatsConnectionConfiguration.builder()
                .servers(url)
                .connectionTimeout(Duration.ofSeconds(1));
    }

    private void startServer(String authorization) throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        url = "nats://127.0.0.1:" + port;
        Path configuration = home.resolve("nats.conf");
        Files.writeString(
                configuration,
                """
                listen: "127.0.0.1:%d"
                jetstream { store_dir: "%s" }
                authorization { %s }
                """
                        .formatted(port, home.resolve("jetstream"), authorization));
        String program =
                ProcessHandle.of(NATS.server().pid().orElseThrow())
                        .flatMap(process -> process.info().command())
                        .orElseThrow();
        server =
                new ProcessBuilder(program, "-c", configuration.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(home.resolve("nats.log").toFile())
                        .start();
        await().until(() -> Files.readString(home.resolve("nats.log")).contains("Server is ready"));
    }

    private static final class Sequences implements JetStreamDeserializationSchema<Long> {

        private static final long serialVersionUID = 1L;

        @Override
        public void deserialize(JetStreamMessage message, Collector<Long> out) {
            out.collect(message.sequence());
        }

        @Override
        public TypeInformation<Long> getProducedType() {
            return Types.LONG;
        }
    }
}
