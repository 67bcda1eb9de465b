package io.ponix.embedded.mqtt;

import io.ponix.embedded.install.CacheDirectory;
import io.ponix.embedded.process.EmbeddedProcess;
import io.ponix.embedded.process.EmbeddedProcessBuilder;
import io.ponix.embedded.process.ProcessSpecification;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * An MQTT broker on 127.0.0.1: mosquitto, which speaks MQTT 5 and 3.1.1 and has shared
 * subscriptions. It lets everybody in and speaks without TLS, unless the builder says otherwise.
 *
 * <p>nats-server's own MQTT listener would be one process less. Version 2.9.10 of it, which is
 * Debian's, was tried and serves MQTT 3.1.1 at QoS 0 and 1 only: it refuses MQTT 5 as a version it
 * does not support, and ends the connection of whoever publishes at QoS 2.
 *
 * <p>Data is in {@code <home>/mqtt}: sessions, their subscriptions and what is queued for them. It
 * is written every two seconds, and not before the publisher has its acknowledgement: what was
 * acknowledged since is lost by {@link #kill}, as mosquitto has no way to be told otherwise. After
 * SIGTERM nothing is.
 */
public final class EmbeddedMqttBroker extends EmbeddedProcess {

    private static final int TIMEOUT_MILLIS = 1_000;

    /** The one of {@code mosquitto_passwd}; it is for tests, and no secret has to outlast them. */
    private static final int PASSWORD_ITERATIONS = 101;

    private static final int HASH_BITS = 512;

    /** MQTT 3.1.1, a clean session that ends with the connection, and no client id. */
    private static final byte[] CONNECT = {0x10, 12, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 10, 0, 0};

    private static final int CONNECT_ACKNOWLEDGED = 0x20;

    private final Map<String, String> users;
    private final String certificate;
    private final String key;
    private final int largestPacket;
    private final String configuration;

    private EmbeddedMqttBroker(Builder builder) {
        super(builder);
        this.users = Map.copyOf(builder.users);
        this.certificate = builder.certificate;
        this.key = builder.key;
        this.largestPacket = builder.largestPacket;
        this.configuration = builder.configuration;
    }

    /** A builder; {@link Builder#home} is required. */
    public static Builder builder() {
        return new Builder();
    }

    /** {@code mqtt://127.0.0.1:<port>}, or {@code mqtts://} with a certificate. */
    public String url() {
        return (certificate == null ? "mqtt" : "mqtts") + "://127.0.0.1:" + port();
    }

    @Override
    protected ProcessSpecification prepare(int port) throws IOException {
        MosquittoProgram mosquitto =
                MosquittoProgram.locate(CacheDirectory.resolve(), this::forwardProgress);
        Path folder = Files.createDirectories(home().resolve("mqtt"));
        Files.createDirectories(dataFolder());
        Path file = folder.resolve("mosquitto.conf");
        Files.writeString(file, configuration(port, folder));
        return new ProcessSpecification(
                List.of(mosquitto.program().toString(), "-c", file.toString()),
                mosquitto.environment(),
                folder);
    }

    @Override
    protected Path dataFolder() {
        return home().resolve("mqtt").resolve("data");
    }

    private String configuration(int port, Path folder) throws IOException {
        StringBuilder lines = new StringBuilder("# Written by every start.\n");
        lines.append("listener ").append(port).append(" 127.0.0.1\n");
        if (users.isEmpty()) {
            lines.append("allow_anonymous true\n");
        } else {
            Path passwords = folder.resolve("passwords");
            Files.writeString(passwords, passwords());
            lines.append("allow_anonymous false\n");
            lines.append("password_file ").append(passwords).append('\n');
        }
        if (certificate != null) {
            lines.append("certfile ").append(certificate).append('\n');
            lines.append("keyfile ").append(key).append('\n');
        }
        // Started by root it would become a user that may not read the files of the stack.
        lines.append("user root\n");
        lines.append("persistence true\n");
        lines.append("persistence_location ").append(dataFolder()).append("/\n");
        // Mosquitto 2.0.11 saves every two seconds then. At every change (autosave_on_changes) it
        // would write everything anew, and acknowledgements would wait for that.
        lines.append("autosave_interval 1\n");
        // As many as there is memory for: by default what is beyond a thousand is dropped.
        lines.append("max_queued_messages 0\n");
        // What is larger the bridge does not take: who sends it hears of it by the end of the
        // connection, and is not told that it has arrived.
        lines.append("max_packet_size ").append(largestPacket).append('\n');
        // Each line at once: what is written to standard output waits for more.
        lines.append("log_dest stderr\nlog_timestamp_format %Y-%m-%dT%H:%M:%S\n");
        // Not every save, which is information: a log is for what happens.
        lines.append("log_type error\nlog_type warning\nlog_type notice\n");
        return lines.append(configuration).append('\n').toString();
    }

    private String passwords() {
        StringBuilder lines = new StringBuilder();
        users.forEach(
                (name, password) ->
                        lines.append(name).append(':').append(hash(password)).append('\n'));
        return lines.toString();
    }

    private static String hash(String password) {
        byte[] salt = new byte[12];
        new SecureRandom().nextBytes(salt);
        try {
            byte[] hash =
                    SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512")
                            .generateSecret(
                                    new PBEKeySpec(
                                            password.toCharArray(),
                                            salt,
                                            PASSWORD_ITERATIONS,
                                            HASH_BITS))
                            .getEncoded();
            Base64.Encoder base64 = Base64.getEncoder();
            return "$7$"
                    + PASSWORD_ITERATIONS
                    + "$"
                    + base64.encodeToString(salt)
                    + "$"
                    + base64.encodeToString(hash);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JVM has this algorithm", e);
        }
    }

    @Override
    protected void checkServing(long pid, int port) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), TIMEOUT_MILLIS);
            if (certificate != null) {
                return;
            }
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.getOutputStream().write(CONNECT);
            // Also where it does not let us in.
            if (socket.getInputStream().read() != CONNECT_ACKNOWLEDGED) {
                throw new IOException("it does not answer as an MQTT broker");
            }
        }
    }

    /** Builds an {@link EmbeddedMqttBroker}. */
    public static final class Builder extends EmbeddedProcessBuilder<Builder> {

        private final Map<String, String> users = new TreeMap<>();
        private String certificate;
        private String key;
        private int largestPacket = 2 << 20;
        private String configuration = "";

        private Builder() {
            super("mqtt", "the MQTT broker", "--mqtt-port");
        }

        @Override
        protected Builder self() {
            return this;
        }

        /** Lets in this user, and nobody without a name. Default: everybody. */
        public Builder user(String name, String password) {
            users.put(name, password);
            return this;
        }

        /**
         * Speaks TLS only.
         *
         * @param certificatePem a file with the server's certificate
         * @param keyPem a file with its private key
         */
        public Builder certificate(String certificatePem, String keyPem) {
            this.certificate = certificatePem;
            this.key = keyPem;
            return this;
        }

        /** Lines to add to mosquitto's configuration file, at its listener; default none. */
        public Builder configuration(String lines) {
            this.configuration = lines;
            return this;
        }

        /** The largest packet that it takes, in bytes; default 2 MiB, as much as the bridge. */
        public Builder largestPacket(int bytes) {
            this.largestPacket = bytes;
            return this;
        }

        /** Builds the broker without starting it. */
        public EmbeddedMqttBroker build() {
            validatedHome();
            return new EmbeddedMqttBroker(this);
        }
    }
}
