package io.ponix.embedded.nats;

import io.ponix.client.nats.NatsSettings;
import io.ponix.client.tls.TlsSettings;
import io.ponix.embedded.install.CacheDirectory;
import io.ponix.embedded.process.EmbeddedProcess;
import io.ponix.embedded.process.EmbeddedProcessBuilder;
import io.ponix.embedded.process.HomeSecret;
import io.ponix.embedded.process.ProcessSpecification;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A NATS server with JetStream on 127.0.0.1, with the subject mapping that spreads {@code
 * raw_envelopes.<device>} over partitions; alone, without authentication and TLS, unless {@link
 * Builder#tokenOfTheHome}, {@link Builder#usersOfTheHome}, {@link Builder#tls} or {@link
 * Builder#configuration} says otherwise.
 *
 * <p>Data is in {@code <home>/nats}. A message whose publish was acknowledged has been written to
 * the file by then and survives {@link #kill}; it survives a crash of the whole machine only once
 * synced, which nats-server does every two minutes.
 */
public final class EmbeddedNats extends EmbeddedProcess {

    /** Number of partitions unless {@link Builder#partitions} says otherwise. */
    public static final int DEFAULT_PARTITIONS = 8;

    private static final int CONNECT_TIMEOUT_MILLIS = 500;

    /** On a busy machine one may be slower than the 2 s that the server gives it else. */
    private static final int SLOW_CLIENT_SECONDS = 30;

    /** JetStream answers in milliseconds; of one that has much to do nothing else is believed. */
    private static final int JETSTREAM_TIMEOUT_MILLIS = 2_000;

    private static final String ASK_JETSTREAM =
            "CONNECT {\"verbose\":false,\"headers\":true,\"no_responders\":true%s}\r\n"
                    + "SUB _INBOX.health 1\r\n"
                    + "PUB $JS.API.INFO _INBOX.health 0\r\n\r\n";

    /** In the greeting of servers that answer only whom they know. */
    private static final String AUTHENTICATION = "\"auth_required\":true";

    /** In the greeting of servers that want TLS. */
    private static final String TLS = "\"tls_required\":true";

    /** In that of those of a cluster, where JetStream is silent until there is a leader. */
    private static final String CLUSTER = "\"cluster\":\"";

    private final int partitions;
    private final boolean mapped;
    private final int monitoringPort;
    private final String serverName;
    private final String configuration;
    private final boolean tokenOfTheHome;
    private final boolean usersOfTheHome;
    private final Path certificate;
    private final Path key;

    private EmbeddedNats(Builder builder) {
        super(builder);
        this.partitions = builder.partitions;
        this.mapped = builder.mapped;
        this.monitoringPort = builder.monitoringPort;
        this.serverName = builder.serverName;
        this.configuration = builder.configuration;
        this.tokenOfTheHome = builder.tokenOfTheHome;
        this.usersOfTheHome = builder.usersOfTheHome;
        this.certificate = builder.certificate;
        this.key = builder.key;
    }

    /** A builder; {@link Builder#home} is required. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Where it answers, and whom: who has the token of the home, or the operator of its users. For
     * {@link Builder#usersOfTheHome} it has to have been started.
     */
    public NatsSettings address() {
        if (usersOfTheHome) {
            return address(user(NatsProgramUsers.OPERATOR));
        }
        NatsSettings.Builder address = NatsSettings.builder().servers(url());
        if (tokenOfTheHome) {
            secret().value("PONIX_NATS_TOKEN").ifPresent(address::token);
        }
        return trusting(address).build();
    }

    /** Where it answers one of the users of the home. */
    public NatsSettings address(NatsProgramUser user) {
        return trusting(user.reaching(url())).build();
    }

    private NatsSettings.Builder trusting(NatsSettings.Builder address) {
        return certificate == null ? address : address.truststore(certificate.toString(), "");
    }

    /**
     * One of the users of the home.
     *
     * @param name of those in {@link NatsProgramUsers}
     * @throws IllegalStateException where it has none
     */
    public NatsProgramUser user(String name) {
        if (!usersOfTheHome) {
            throw new IllegalStateException("usersOfTheHome: there are none");
        }
        return users().of(name);
    }

    private NatsProgramUsers users() {
        return NatsProgramUsers.withPasswordsIn(dataFolder().resolveSibling("users"));
    }

    /** {@code nats://127.0.0.1:<port>}, with TLS {@code tls://127.0.0.1:<port>}. */
    public String url() {
        return (certificate == null ? "nats" : "tls") + "://127.0.0.1:" + port();
    }

    /** Empty before the first start, and in a home that has none. */
    private Optional<String> token() {
        return tokenOfTheHome ? secret().read() : Optional.empty();
    }

    private HomeSecret secret() {
        return new HomeSecret(dataFolder().resolveSibling("token"), dataFolder());
    }

    /** Number of partitions over which {@code raw_envelopes.<device>} is spread. */
    public int partitions() {
        return partitions;
    }

    @Override
    protected ProcessSpecification prepare(int port) throws IOException {
        Path program = NatsServerProgram.locate(CacheDirectory.resolve(), this::forwardProgress);
        Path folder = Files.createDirectories(home().resolve("nats"));
        if (tokenOfTheHome) {
            secret().ensure();
        }
        Path configuration = folder.resolve("nats-server.conf");
        writeForTheOwner(configuration, configuration(port, dataFolder()));
        return new ProcessSpecification(
                List.of(program.toString(), "-c", configuration.toString()), Map.of(), folder);
    }

    @Override
    protected Path dataFolder() {
        return home().resolve("nats").resolve("jetstream");
    }

    private String configuration(int port, Path store) {
        // The mapping leaves a subject that has three tokens already as it is; the limits of the
        // account are those of the disk.
        String monitoring =
                monitoringPort == 0 ? "" : "http: \"127.0.0.1:" + monitoringPort + "\"\n";
        return """
                # Written by every start.
                listen: "127.0.0.1:%d"
                %sserver_name: %s
                max_payload: 8MB
                jetstream { store_dir: %s }
                %s
                %s
                %s
                %s
                """
                .formatted(
                        port,
                        monitoring,
                        serverName,
                        quoted(store),
                        mapped ? mapping() : "",
                        usersOfTheHome
                                ? users().configuration()
                                : token().map(EmbeddedNats::authorization).orElse(""),
                        certificate == null ? "" : transportSecurity(),
                        configuration);
    }

    private static String quoted(Path path) {
        return '"' + path.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private String transportSecurity() {
        return "tls { cert_file: %s, key_file: %s, timeout: %d }"
                .formatted(quoted(certificate), quoted(key), SLOW_CLIENT_SECONDS);
    }

    private static String authorization(String token) {
        return "authorization { token: \"%s\", timeout: %d }".formatted(token, SLOW_CLIENT_SECONDS);
    }

    private String mapping() {
        return """
                mappings = {
                  "raw_envelopes.*": "raw_envelopes.{{partition(%d,1)}}.{{wildcard(1)}}"
                }
                """
                .formatted(partitions);
    }

    @Override
    protected void checkServing(long pid, int port) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), CONNECT_TIMEOUT_MILLIS);
            socket.setSoTimeout(CONNECT_TIMEOUT_MILLIS);
            // The server speaks first: INFO {"server_id":…,"jetstream":true,…}
            String info = line(socket.getInputStream());
            if (!info.startsWith("INFO ") || !info.contains("\"jetstream\":true")) {
                throw new IOException("it does not offer JetStream: " + info.trim());
            }
            Optional<String> identity = identity();
            // Whom else it knows, and what else it shows, is not known here.
            boolean isToBeAsked =
                    (identity.isPresent() || !info.contains(AUTHENTICATION))
                            && (certificate != null || !info.contains(TLS))
                            && !info.contains(CLUSTER);
            if (isToBeAsked) {
                checkJetStream(certificate == null ? socket : secured(socket), identity);
            }
        }
    }

    /** What a client says of itself, as JSON with a comma before it. */
    private Optional<String> identity() {
        if (usersOfTheHome) {
            NatsProgramUser operator = user(NatsProgramUsers.OPERATOR);
            return Optional.of(
                    ",\"user\":\"%s\",\"pass\":\"%s\""
                            .formatted(operator.name(), operator.password().reveal()));
        }
        return token().map(",\"auth_token\":\"%s\""::formatted);
    }

    /** The server speaks first, in clear; then there is TLS. */
    private Socket secured(Socket socket) throws IOException {
        return TlsSettings.DEFAULT
                .withTruststore(certificate.toString(), "")
                .context()
                .getSocketFactory()
                .createSocket(socket, "127.0.0.1", socket.getPort(), true);
    }

    /**
     * Asks JetStream for anything. When the disk is full version 2.9 switches it off until the
     * server is started again; it is offered to clients as before, and answers none of them.
     */
    private static void checkJetStream(Socket socket, Optional<String> identity)
            throws IOException {
        socket.setSoTimeout(JETSTREAM_TIMEOUT_MILLIS);
        socket.getOutputStream()
                .write(
                        ASK_JETSTREAM
                                .formatted(identity.orElse(""))
                                .getBytes(StandardCharsets.US_ASCII));
        InputStream input = socket.getInputStream();
        try {
            String line = line(input);
            while (!line.isEmpty() && !line.startsWith("MSG ") && !line.startsWith("HMSG ")) {
                line = line(input);
            }
            if (line.startsWith("MSG ")) {
                return;
            }
        } catch (SocketTimeoutException silence) {
            // As said below.
        }
        throw new IOException(
                "JetStream does not answer; nats-server switches it off when its disk is full: make room before it is started again");
    }

    /** A line with its end; shorter where it is too long, or where the server ends it. */
    private static String line(InputStream input) throws IOException {
        byte[] line = new byte[8 * 1024];
        int length = 0;
        while (length < line.length && (length == 0 || line[length - 1] != '\n')) {
            int read = input.read();
            if (read < 0) {
                break;
            }
            line[length++] = (byte) read;
        }
        return new String(line, 0, length, StandardCharsets.UTF_8);
    }

    /** Builds an {@link EmbeddedNats}. */
    public static final class Builder extends EmbeddedProcessBuilder<Builder> {

        private int partitions = DEFAULT_PARTITIONS;
        private boolean mapped = true;
        private int monitoringPort;
        private String serverName = "ponix";
        private String configuration = "";
        private boolean tokenOfTheHome;
        private boolean usersOfTheHome;
        private Path certificate;
        private Path key;

        private Builder() {
            super("nats", "NATS", "--nats-port");
        }

        @Override
        protected Builder self() {
            return this;
        }

        /**
         * Number of partitions over which {@code raw_envelopes.<device>} is spread; at least 1,
         * default 8.
         */
        public Builder partitions(int count) {
            this.partitions = count;
            return this;
        }

        /** Leaves the mapping out: a server with an operator has no account it could be for. */
        public Builder withoutMapping() {
            this.mapped = false;
            return this;
        }

        /** Port of nats-server's HTTP monitoring on 127.0.0.1; 0 (the default) switches it off. */
        public Builder monitoringPort(int portOrZero) {
            this.monitoringPort = portOrZero;
            return this;
        }

        /** The server's name, of its own within a cluster; default {@code ponix}. */
        public Builder serverName(String name) {
            this.serverName = name;
            return this;
        }

        /**
         * Lines to add to nats-server's configuration file, for instance {@code tls}, {@code
         * authorization} or {@code cluster}; default none.
         */
        public Builder configuration(String lines) {
            this.configuration = lines;
            return this;
        }

        /**
         * Lets in who has the random token that each home has in {@code <home>/nats/token}; in a
         * home whose data are older than that everybody is let in. By default everybody is.
         */
        public Builder tokenOfTheHome() {
            this.tokenOfTheHome = true;
            return this;
        }

        /**
         * Lets in the {@linkplain NatsProgramUsers users} that programs have, each with a random
         * password of the home, in place of the token. By default everybody is let in.
         */
        public Builder usersOfTheHome() {
            this.tokenOfTheHome = false;
            this.usersOfTheHome = true;
            return this;
        }

        /**
         * Takes nobody in without TLS. Default: none.
         *
         * @param certificateFile a certificate for 127.0.0.1 that vouches for itself, PEM
         * @param keyFile its key, PEM, PKCS #8
         */
        public Builder tls(Path certificateFile, Path keyFile) {
            this.certificate = certificateFile;
            this.key = keyFile;
            return this;
        }

        /** Builds the server without starting it. */
        public EmbeddedNats build() {
            validatedHome();
            if (partitions < 1) {
                throw new IllegalArgumentException(
                        "partitions: must be at least 1, is " + partitions);
            }
            if (monitoringPort < 0 || monitoringPort > 65_535) {
                throw new IllegalArgumentException(
                        "monitoringPort: must be 0 (off) to 65535, is " + monitoringPort);
            }
            return new EmbeddedNats(this);
        }
    }
}
