package io.ponix.connector.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.api.StreamConfiguration;
import io.ponix.client.nats.NatsAccessException;
import io.ponix.client.nats.NatsSettings;
import io.ponix.connector.nats.sink.JetStreamPublication;
import io.ponix.connector.nats.sink.JetStreamSink;
import io.ponix.connector.nats.source.JetStreamSource;
import io.ponix.connector.nats.source.JetStreamSourceBuilder;
import io.ponix.connector.nats.source.message.JetStreamDeserializationSchema;
import io.ponix.connector.nats.source.message.JetStreamMessage;
import io.ponix.connector.nats.source.settings.StoppingPosition;
import io.ponix.embedded.nats.EmbeddedNats;
import io.ponix.embedded.network.SelfSignedCertificate;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.Collector;
import org.apache.flink.util.ExceptionUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every identity and every form of TLS, by a job that writes through the sink and reads through the
 * source, against a server that insists on it; and what a person sees who gets it wrong.
 */
@SuppressWarnings(
        "try") // CloseableIterator.close() may throw anything, javac warns of InterruptedException
@Timeout(60)
class NatsSecurityITCase {

    private static final int MESSAGES = 100;

    @RegisterExtension static final MiniClusterExtension FLINK = FlinkFixture.withSlots(1);

    @TempDir static Path keys;

    @TempDir Path home;

    private EmbeddedNats nats;

    @AfterEach
    void stopServer() {
        if (nats != null) {
            nats.close();
        }
    }

    @Test
    void userAndPassword() throws Exception {
        startServer("authorization { user: \"me\", password: \"hunter2\" }");

        writesAndReads(server().userAndPassword("me", "hunter2").build());
        assertRefused(server().userAndPassword("me", "wrong").build(), "wrong");
        assertRefused(server().build(), "hunter2");
    }

    @Test
    void token() throws Exception {
        startServer("authorization { token: \"s3cret\" }");

        writesAndReads(server().token("s3cret").build());
        assertRefused(server().token("wrong").build(), "wrong");
    }

    @Test
    void credentialsFile() throws Exception {
        OperatorAccount account = new OperatorAccount();
        nats =
                EmbeddedNats.builder()
                        .home(home)
                        .withoutMapping()
                        .configuration(account.serverConfiguration())
                        .build();
        nats.start();

        Path credentials = account.credentialsFile(home.resolve("user.creds"));
        writesAndReads(server().credentialsFile(credentials.toString()).build());

        Path stranger = new OperatorAccount().credentialsFile(home.resolve("stranger.creds"));
        assertRefused(
                server().credentialsFile(stranger.toString()).build(),
                Files.readAllLines(stranger).get(1));
        assertRefused(server().build(), "hunter2");
    }

    @Test
    void tls() throws Exception {
        SelfSignedCertificate server = SelfSignedCertificate.create(keys, "server", "ip:127.0.0.1");
        SelfSignedCertificate stranger =
                SelfSignedCertificate.create(keys, "stranger", "ip:127.0.0.1");
        startServer(tls(server, ""));

        writesAndReads(server().truststore(server.certificatePem(), "").build());
        assertWorks(server().truststore(server.pkcs12(), SelfSignedCertificate.PASSWORD).build());
        assertNotTrusted(
                server().truststore(stranger.certificatePem(), "").build(), "certification path");
        assertNotTrusted(server().tls().build(), "certification path");
        assertNotTrusted(
                NatsSettings.builder()
                        .servers(nats.url().replace("127.0.0.1", "localhost"))
                        .truststore(server.certificatePem(), "")
                        .build(),
                "for none of [localhost]");
    }

    @Test
    void mutualTls() throws Exception {
        SelfSignedCertificate server =
                SelfSignedCertificate.create(keys, "mutual-server", "ip:127.0.0.1");
        SelfSignedCertificate client = SelfSignedCertificate.create(keys, "client", "dns:client");
        startServer(
                tls(server, "ca_file: \"%s\", verify: true".formatted(client.certificatePem())));
        NatsSettings.Builder trusting = server().truststore(server.certificatePem(), "");

        writesAndReads(trusting.keystore(client.certificateAndKeyPem(), "").build());
        assertWorks(
                server().truststore(server.certificatePem(), "")
                        .keystore(client.pkcs12(), SelfSignedCertificate.PASSWORD)
                        .build());
        assertThatThrownBy(
                        () ->
                                JetStreamAdmin.connect(
                                        server().truststore(server.certificatePem(), "").build()))
                .hasMessageContaining("Cannot connect")
                .hasMessageContaining("keystore: ");
        assertThatThrownBy(
                        () ->
                                JetStreamAdmin.connect(
                                        trusting.keystore(client.certificatePem(), "").build()))
                .isInstanceOf(NatsAccessException.class)
                .hasMessageContaining("keystore: " + client.certificatePem())
                .hasMessageContaining("no private key");
        assertThatThrownBy(
                        () ->
                                JetStreamAdmin.connect(
                                        trusting.keystore(client.pkcs12(), "hunter2").build()))
                .isInstanceOf(NatsAccessException.class)
                .hasMessageContaining("keystore: " + client.pkcs12())
                .hasMessageContaining("password")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void missingPermissionFailsTheJobAndIsNamed() throws Exception {
        startServer(
                "authorization { users: [{user: \"admin\", password: \"a\"}, {user: \"reader\","
                        + " password: \"r\", permissions: {publish: {deny:"
                        + " \"$JS.API.CONSUMER.CREATE.>\"}}}] }");
        createStream(server().userAndPassword("admin", "a").build());
        StreamExecutionEnvironment environment = environment();
        environment
                .fromSource(
                        source(server().userAndPassword("reader", "r").build())
                                .setStoppingPosition(StoppingPosition.never())
                                .build(),
                        WatermarkStrategy.noWatermarks(),
                        "source")
                .sinkTo(new DiscardingSink<>());

        assertThatThrownBy(environment::execute)
                .satisfies(
                        failure ->
                                assertThat(ExceptionUtils.stringifyException(failure))
                                        .contains("The NATS server refused")
                                        .contains("Permissions Violation")
                                        .contains("CONSUMER.CREATE"));
    }

    /** What preflight asks for is what a job needs: no less, and no more. */
    @Test
    void thePermissionsThatPreflightAsksForSuffice() throws Exception {
        startServer(
                """
                authorization { users: [
                  {user: "admin", password: "a"},
                  {user: "job", password: "j", permissions: {subscribe: "_INBOX.>", publish: [
                    "s.*", "$JS.API.STREAM.INFO.s", "$JS.API.STREAM.MSG.GET.s",
                    "$JS.API.CONSUMER.CREATE.s.>", "$JS.API.CONSUMER.MSG.NEXT.s.>"]}},
                  {user: "nobody", password: "n", permissions: {subscribe: "other", publish: "other"}}
                ] }""");
        createStream(server().userAndPassword("admin", "a").build());

        source(server().userAndPassword("job", "j").build()).build().preflight();
        moves(server().userAndPassword("job", "j").build());

        assertThatThrownBy(
                        () ->
                                source(server().userAndPassword("nobody", "n").build())
                                        .build()
                                        .preflight())
                .isInstanceOf(NatsAccessException.class)
                .hasMessage(
                        "the NATS user may not subscribe to _INBOX.>, publish to"
                                + " $JS.API.STREAM.INFO.s, publish to $JS.API.STREAM.MSG.GET.s,"
                                + " publish to $JS.API.CONSUMER.CREATE.s.>, publish to"
                                + " $JS.API.CONSUMER.MSG.NEXT.s.>; permit it");
        try (JetStreamAdmin admin =
                JetStreamAdmin.connect(server().userAndPassword("admin", "a").build())) {
            admin.permissions().toPublish("s.a").toConsume("s", List.of("s.*")).require();
            assertThat(admin.findStream("s").orElseThrow().getStreamState().getLastSequence())
                    .as("what was published to find it out is not stored")
                    .isEqualTo(MESSAGES);
        }
    }

    @Test
    void aStreamThatMayNotBeCreatedIsNamed() throws Exception {
        startServer(
                "authorization { users: [{user: \"job\", password: \"j\", permissions: {publish:"
                        + " {deny: \"$JS.API.STREAM.CREATE.>\"}}}] }");
        assertThatThrownBy(() -> createStream(server().userAndPassword("job", "j").build()))
                .isInstanceOf(NatsAccessException.class)
                .hasMessage("the NATS user may not publish to $JS.API.STREAM.CREATE.s; permit it");
    }

    /** A job that writes, then one that reads. */
    private static void writesAndReads(NatsSettings connection) throws Exception {
        createStream(connection);
        moves(connection);
    }

    private static void moves(NatsSettings connection) throws Exception {
        StreamExecutionEnvironment writing = environment();
        writing.fromSequence(1, MESSAGES)
                .sinkTo(
                        JetStreamSink.<Long>builder()
                                .setConnection(connection)
                                .setSerializer(
                                        (record, timestamp) ->
                                                JetStreamPublication.of(
                                                        "s.a",
                                                        Long.toString(record)
                                                                .getBytes(
                                                                        StandardCharsets.US_ASCII)))
                                .build());
        writing.execute();

        List<Long> read = new ArrayList<>();
        try (CloseableIterator<Long> results =
                environment()
                        .fromSource(
                                source(connection).build(),
                                WatermarkStrategy.noWatermarks(),
                                "source")
                        .executeAndCollect()) {
            results.forEachRemaining(read::add);
        }
        assertThat(read).hasSize(MESSAGES);
    }

    private static void createStream(NatsSettings connection) throws Exception {
        try (JetStreamAdmin admin = JetStreamAdmin.connect(connection)) {
            admin.ensureStream(StreamConfiguration.builder().name("s").subjects("s.*").build());
        }
    }

    private static JetStreamSourceBuilder<Long> source(NatsSettings connection) {
        return JetStreamSource.<Long>builder()
                .setConnection(connection)
                .setStream("s")
                .setStoppingPosition(StoppingPosition.latest())
                .setDeserializer(new Sequences());
    }

    private static StreamExecutionEnvironment environment() {
        Configuration configuration = new Configuration();
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        environment.setParallelism(1);
        return environment;
    }

    private static void assertWorks(NatsSettings configuration) throws Exception {
        try (JetStreamAdmin admin = JetStreamAdmin.connect(configuration)) {
            assertThat(admin.findStream("none")).isEmpty();
        }
    }

    private static void assertRefused(NatsSettings configuration, String secret) {
        assertThatThrownBy(() -> JetStreamAdmin.connect(configuration))
                .isInstanceOf(NatsAccessException.class)
                .hasMessageContaining("refused")
                .hasMessageNotContaining(secret);
    }

    private static void assertNotTrusted(NatsSettings configuration, String why) {
        assertThatThrownBy(() -> JetStreamAdmin.connect(configuration))
                .isInstanceOf(NatsAccessException.class)
                .hasMessageContaining("certificate")
                .hasMessageContaining(why);
    }

    private NatsSettings.Builder server() {
        return NatsSettings.builder().servers(nats.url());
    }

    private static String tls(SelfSignedCertificate server, String more) {
        return "tls { cert_file: \"%s\", key_file: \"%s\", timeout: 10, %s }"
                .formatted(server.certificatePem(), server.keyPem(), more);
    }

    private void startServer(String configuration) {
        nats = EmbeddedNats.builder().home(home).configuration(configuration).build();
        nats.start();
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
