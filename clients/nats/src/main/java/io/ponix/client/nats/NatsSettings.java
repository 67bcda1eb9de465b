package io.ponix.client.nats;

import io.nats.client.support.NatsUri;
import java.io.Serializable;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How to reach a NATS server: addresses, identity, TLS and timeouts. Shared by source, sink and
 * {@link JetStreamAdmin}; serializable, because Flink ships it to the processes that connect.
 *
 * <p>At most one identity may be given: user and password, a token, or a credentials file. {@link
 * #toString()} holds no secret.
 */
public final class NatsSettings implements Serializable {

    private static final long serialVersionUID = 1L;

    private final List<String> servers;
    private final String username;
    private final String password;
    private final String token;
    private final String credentialsFile;
    private final boolean tls;
    private final String truststorePath;
    private final String truststorePassword;
    private final String keystorePath;
    private final String keystorePassword;
    private final Duration connectionTimeout;
    private final Duration requestTimeout;

    private NatsSettings(Builder builder) {
        servers = List.copyOf(builder.servers);
        username = builder.username;
        password = builder.password;
        token = builder.token;
        credentialsFile = builder.credentialsFile;
        tls = builder.tls || servers.stream().anyMatch(url -> url.startsWith("tls://"));
        truststorePath = builder.truststorePath;
        truststorePassword = builder.truststorePassword;
        keystorePath = builder.keystorePath;
        keystorePassword = builder.keystorePassword;
        connectionTimeout = builder.connectionTimeout;
        requestTimeout = builder.requestTimeout;
    }

    /** A builder without servers: at least one must be set. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The configuration for a server without authentication, or with user and password in the URL.
     *
     * @param urls one URL, or several separated by commas, for instance {@code
     *     nats://localhost:4222}
     */
    public static NatsSettings forServers(String urls) {
        return builder().servers(urls).build();
    }

    /**
     * Server URLs, in the order given. May contain user and password: do not log, see {@link
     * #toString()}.
     */
    public List<String> servers() {
        return servers;
    }

    Optional<String> username() {
        return Optional.ofNullable(username);
    }

    String password() {
        return password;
    }

    Optional<String> token() {
        return Optional.ofNullable(token);
    }

    Optional<String> credentialsFile() {
        return Optional.ofNullable(credentialsFile);
    }

    /** Host names and addresses of the servers. */
    List<String> hosts() {
        return servers.stream()
                .map(NatsSettings::uri)
                .map(NatsUri::getHost)
                .collect(Collectors.toList());
    }

    private static NatsUri uri(String url) {
        try {
            return new NatsUri(url);
        } catch (URISyntaxException e) {
            // Without the cause: it repeats the URL, and a password in it.
            throw new IllegalArgumentException(
                    "servers: '"
                            + redact(url)
                            + "' is not a NATS URL, such as nats://localhost:4222");
        }
    }

    boolean tls() {
        return tls;
    }

    Optional<String> truststorePath() {
        return Optional.ofNullable(truststorePath);
    }

    String truststorePassword() {
        return truststorePassword;
    }

    Optional<String> keystorePath() {
        return Optional.ofNullable(keystorePath);
    }

    String keystorePassword() {
        return keystorePassword;
    }

    /** How long one attempt to connect to one server may take. */
    public Duration connectionTimeout() {
        return connectionTimeout;
    }

    /**
     * How long a request to JetStream's API may take before it counts as failed and is tried again.
     */
    public Duration requestTimeout() {
        return requestTimeout;
    }

    /** The server URLs without user, password and token: for messages and logs. */
    public String redactedServers() {
        return redact(String.join(",", servers));
    }

    /** A text without what URLs in it hold before their host. */
    static String redact(String text) {
        return text.replaceAll("(?<=//|^|,)[^/@,\\s]*@", "***@");
    }

    @Override
    public String toString() {
        String identity;
        if (username != null) {
            identity = "user " + username;
        } else if (token != null) {
            identity = "token";
        } else if (credentialsFile != null) {
            identity = "credentials file " + credentialsFile;
        } else {
            identity = "no identity";
        }
        return "NATS at " + redactedServers() + " (" + identity + (tls ? ", TLS" : "") + ")";
    }

    /** Collects the settings of a {@link NatsSettings}; {@link #build()} validates them. */
    public static final class Builder {

        private final List<String> servers = new ArrayList<>();
        private String username;
        private String password;
        private String token;
        private String credentialsFile;
        private boolean tls;
        private String truststorePath;
        private String truststorePassword;
        private String keystorePath;
        private String keystorePassword;
        private Duration connectionTimeout = Duration.ofSeconds(5);
        private Duration requestTimeout = Duration.ofSeconds(5);

        private Builder() {}

        /**
         * Adds servers: URLs separated by commas, for instance {@code nats://a:4222,nats://b:4222}.
         * Required.
         */
        public Builder servers(String urls) {
            Objects.requireNonNull(urls, "servers");
            return servers(Arrays.asList(urls.split(",")));
        }

        /** Adds servers, one URL per element. */
        public Builder servers(Collection<String> urls) {
            urls.stream().map(String::trim).filter(url -> !url.isEmpty()).forEach(servers::add);
            return this;
        }

        /** Authenticates by user and password. */
        public Builder userAndPassword(String user, String secret) {
            this.username = Objects.requireNonNull(user, "user");
            this.password = Objects.requireNonNull(secret, "password");
            return this;
        }

        /** Authenticates by a token. */
        public Builder token(String secret) {
            this.token = Objects.requireNonNull(secret, "token");
            return this;
        }

        /**
         * Authenticates by a credentials file (JWT and NKey seed), read on every machine that runs
         * a task.
         */
        public Builder credentialsFile(String path) {
            this.credentialsFile = Objects.requireNonNull(path, "credentialsFile");
            return this;
        }

        /**
         * Requires TLS, trusting the JVM's default certificate authorities unless a truststore is
         * given. URLs that begin with {@code tls://} do the same. The server's certificate must be
         * for the host of one of the configured URLs.
         */
        public Builder tls() {
            this.tls = true;
            return this;
        }

        /**
         * Requires TLS and trusts the certificate authorities of this file only, which must be on
         * every machine that runs a task: a Java keystore, a PKCS #12 file, or certificates in PEM.
         *
         * @param secret its password; empty for PEM
         */
        public Builder truststore(String path, String secret) {
            this.truststorePath = Objects.requireNonNull(path, "truststore");
            this.truststorePassword = Objects.requireNonNull(secret, "truststore password");
            return tls();
        }

        /**
         * Requires TLS and presents the client certificate of this file, which must be on every
         * machine that runs a task: a Java keystore, a PKCS #12 file, or certificate and private
         * key (PKCS #8, without a password) in one PEM file.
         *
         * @param secret its password; empty for PEM
         */
        public Builder keystore(String path, String secret) {
            this.keystorePath = Objects.requireNonNull(path, "keystore");
            this.keystorePassword = Objects.requireNonNull(secret, "keystore password");
            return tls();
        }

        /** Timeout of one attempt to connect; default 5 s. */
        public Builder connectionTimeout(Duration timeout) {
            this.connectionTimeout = Objects.requireNonNull(timeout, "connectionTimeout");
            return this;
        }

        /** Timeout of one JetStream API request; default 5 s. */
        public Builder requestTimeout(Duration timeout) {
            this.requestTimeout = Objects.requireNonNull(timeout, "requestTimeout");
            return this;
        }

        /**
         * @throws IllegalArgumentException if no server is given or one is not a URL, more than one
         *     identity is, or a timeout is not positive; the message names the setting
         */
        public NatsSettings build() {
            if (servers.isEmpty()) {
                throw new IllegalArgumentException(
                        "servers: at least one NATS URL is needed, for instance nats://localhost:4222");
            }
            servers.forEach(NatsSettings::uri);
            int identities =
                    (username == null ? 0 : 1)
                            + (token == null ? 0 : 1)
                            + (credentialsFile == null ? 0 : 1);
            if (identities > 1) {
                throw new IllegalArgumentException(
                        "userAndPassword, token, credentialsFile: set one of them, not several");
            }
            requirePositive(connectionTimeout, "connectionTimeout");
            requirePositive(requestTimeout, "requestTimeout");
            return new NatsSettings(this);
        }

        private static void requirePositive(Duration duration, String property) {
            if (duration.isZero() || duration.isNegative()) {
                throw new IllegalArgumentException(property + ": must be positive, is " + duration);
            }
        }
    }
}
