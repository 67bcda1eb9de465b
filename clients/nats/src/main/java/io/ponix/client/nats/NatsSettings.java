package io.ponix.client.nats;

import io.nats.client.support.NatsUri;
import io.ponix.client.tls.TlsSettings;
import io.ponix.environment.SecretValue;
import java.io.Serializable;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * How to reach a NATS server: addresses, identity, TLS and timeouts. Serializable, so that it can
 * travel with a job to the processes that connect.
 *
 * <p>At most one identity may be given: user and password, a token, or a credentials file. {@link
 * #toString()} holds no secret.
 */
@API(status = Status.EXPERIMENTAL)
public final class NatsSettings implements Serializable {

    private static final long serialVersionUID = 1L;

    private final List<String> servers;
    private final String username;
    private final SecretValue password;
    private final SecretValue token;
    private final String credentialsFile;
    private final String inboxPrefix;
    private final boolean tls;
    private final TlsSettings tlsSettings;
    private final Duration connectionTimeout;
    private final Duration requestTimeout;
    private final Duration pingInterval;

    private NatsSettings(Builder builder) {
        servers = List.copyOf(builder.servers);
        username = builder.username;
        password = builder.password;
        token = builder.token;
        credentialsFile = builder.credentialsFile;
        inboxPrefix = builder.inboxPrefix;
        tls = builder.tls || servers.stream().anyMatch(url -> url.startsWith("tls://"));
        tlsSettings = builder.tlsSettings;
        connectionTimeout = builder.connectionTimeout;
        requestTimeout = builder.requestTimeout;
        pingInterval = builder.pingInterval;
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
     * Reads the settings from environment variables; what is not set or blank has its default.
     *
     * @throws IllegalArgumentException if something cannot be used, or two ways to log in are
     *     given; the message names the variables and no secret
     */
    public static NatsSettings fromEnvironment(Map<String, String> environment) {
        return read(environment, NatsVariable::variable);
    }

    /**
     * As {@link #fromEnvironment}, for programs that take the settings otherwise, too.
     *
     * @param environment what is set, by the names of the variables
     * @param names what messages call a variable
     */
    public static NatsSettings read(
            Map<String, String> environment, Function<NatsVariable, String> names) {
        List<NatsVariable> identities =
                Stream.of(NatsVariable.USERNAME, NatsVariable.TOKEN, NatsVariable.CREDENTIALS_FILE)
                        .filter(variable -> isGiven(variable, environment))
                        .toList();
        if (identities.size() > 1) {
            throw new IllegalArgumentException(
                    identities.stream().map(names).collect(Collectors.joining(" and "))
                            + " are set: set one of them, not several");
        }
        String username = NatsVariable.USERNAME.in(environment);
        SecretValue password = secret(NatsVariable.PASSWORD, environment);
        if (username.isEmpty() && !password.isEmpty()) {
            throw new IllegalArgumentException(
                    names.apply(NatsVariable.USERNAME)
                            + " must be set where "
                            + names.apply(NatsVariable.PASSWORD)
                            + " is");
        }
        Builder builder = builder().servers(NatsVariable.URL.in(environment));
        try {
            builder.inboxPrefix(NatsVariable.INBOX_PREFIX.in(environment));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    e.getMessage()
                            .replaceFirst("^inboxPrefix", names.apply(NatsVariable.INBOX_PREFIX)));
        }
        if (!username.isEmpty()) {
            builder.userAndPassword(username, password);
        }
        SecretValue token = secret(NatsVariable.TOKEN, environment);
        if (!token.isEmpty()) {
            builder.token(token);
        }
        given(NatsVariable.CREDENTIALS_FILE, environment).ifPresent(builder::credentialsFile);
        given(NatsVariable.TLS_TRUSTSTORE, environment)
                .ifPresent(
                        file ->
                                builder.truststore(
                                        file,
                                        secret(NatsVariable.TLS_TRUSTSTORE_PASSWORD, environment)));
        given(NatsVariable.TLS_KEYSTORE, environment)
                .ifPresent(
                        file ->
                                builder.keystore(
                                        file,
                                        secret(NatsVariable.TLS_KEYSTORE_PASSWORD, environment)));
        try {
            return builder.build();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    names.apply(NatsVariable.URL)
                            + " cannot be used: "
                            + e.getMessage().replaceFirst("^servers: ", ""));
        }
    }

    /**
     * The variables by which another program gets the same settings; with the secrets. Where there
     * is an identity the variables of others are blank: the program may inherit some.
     */
    public Map<String, String> environment() {
        Map<String, String> environment = new TreeMap<>();
        put(environment, NatsVariable.URL, String.join(",", servers));
        if (username != null || token != null || credentialsFile != null) {
            environment.put(NatsVariable.USERNAME.variable(), "");
            put(environment, NatsVariable.PASSWORD, SecretValue.NONE);
            put(environment, NatsVariable.TOKEN, SecretValue.NONE);
            environment.put(NatsVariable.CREDENTIALS_FILE.variable(), "");
        }
        put(environment, NatsVariable.USERNAME, username);
        put(environment, NatsVariable.PASSWORD, password);
        put(environment, NatsVariable.TOKEN, token);
        put(environment, NatsVariable.CREDENTIALS_FILE, credentialsFile);
        if (!inboxPrefix.equals(NatsVariable.INBOX_PREFIX.byDefault())) {
            put(environment, NatsVariable.INBOX_PREFIX, inboxPrefix);
        }
        // Also where there is none: another program may inherit one that is for another server.
        environment.put(NatsVariable.TLS_TRUSTSTORE.variable(), tlsSettings.truststore());
        put(environment, NatsVariable.TLS_TRUSTSTORE_PASSWORD, tlsSettings.truststorePassword());
        environment.put(NatsVariable.TLS_KEYSTORE.variable(), tlsSettings.keystore());
        put(environment, NatsVariable.TLS_KEYSTORE_PASSWORD, tlsSettings.keystorePassword());
        return environment;
    }

    private static void put(
            Map<String, String> environment, NatsVariable variable, SecretValue value) {
        if (value != null) {
            value.addTo(environment, variable.variable());
        }
    }

    private static SecretValue secret(NatsVariable variable, Map<String, String> environment) {
        return SecretValue.in(environment, variable.variable());
    }

    private static boolean isGiven(NatsVariable variable, Map<String, String> environment) {
        return variable == NatsVariable.TOKEN
                ? !secret(variable, environment).isEmpty()
                : !variable.in(environment).isEmpty();
    }

    private static void put(Map<String, String> environment, NatsVariable variable, String value) {
        if (value != null && !value.isEmpty()) {
            environment.put(variable.variable(), value);
        }
    }

    private static Optional<String> given(NatsVariable variable, Map<String, String> environment) {
        return Optional.of(variable.in(environment)).filter(value -> !value.isEmpty());
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
        return password.reveal();
    }

    Optional<String> token() {
        return Optional.ofNullable(token).map(SecretValue::reveal);
    }

    Optional<String> credentialsFile() {
        return Optional.ofNullable(credentialsFile);
    }

    /** How the subjects begin on which the server answers. */
    String inboxPrefix() {
        return inboxPrefix;
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

    TlsSettings tlsSettings() {
        return tlsSettings;
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

    /** How often the server is asked whether it is there. */
    Duration pingInterval() {
        return pingInterval;
    }

    /** The server URLs without user, password and token: for messages and logs. */
    public String redactedServers() {
        return redact(String.join(",", servers));
    }

    /** A text without what URLs in it hold before their host. */
    static String redact(String text) {
        return text.replaceAll("(?<=//|^|,)[^/@,\\s]*@", "***@");
    }

    /** Whether they lead the same user to the same servers. */
    @Override
    public boolean equals(Object other) {
        return other instanceof NatsSettings settings && settings.compared().equals(compared());
    }

    @Override
    public int hashCode() {
        return compared().hashCode();
    }

    /** Wherever a secret is from. */
    private Map<String, String> compared() {
        Map<String, String> compared = environment();
        reveal(compared, NatsVariable.PASSWORD, password);
        reveal(compared, NatsVariable.TOKEN, token);
        reveal(compared, NatsVariable.TLS_TRUSTSTORE_PASSWORD, tlsSettings.truststorePassword());
        reveal(compared, NatsVariable.TLS_KEYSTORE_PASSWORD, tlsSettings.keystorePassword());
        return compared;
    }

    private static void reveal(
            Map<String, String> environment, NatsVariable variable, SecretValue value) {
        if (value != null) {
            value.revealIn(environment, variable.variable());
        }
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
        private SecretValue password;
        private SecretValue token;
        private String credentialsFile;
        private String inboxPrefix = NatsVariable.INBOX_PREFIX.byDefault();
        private boolean tls;
        private TlsSettings tlsSettings = TlsSettings.DEFAULT;
        private Duration connectionTimeout = Duration.ofSeconds(5);
        private Duration requestTimeout = Duration.ofSeconds(5);
        private Duration pingInterval = Duration.ofSeconds(10);

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
            return userAndPassword(user, SecretValue.of(secret));
        }

        /** Authenticates by user and password. */
        public Builder userAndPassword(String user, SecretValue secret) {
            this.username = Objects.requireNonNull(user, "user");
            this.password = Objects.requireNonNull(secret, "password");
            return this;
        }

        /** Authenticates by a token. */
        public Builder token(String secret) {
            return token(SecretValue.of(secret));
        }

        /** Authenticates by a token. */
        public Builder token(SecretValue secret) {
            this.token = Objects.requireNonNull(secret, "token");
            return this;
        }

        /**
         * Authenticates by a credentials file (JWT and NKey seed), read on every machine that
         * connects.
         */
        public Builder credentialsFile(String path) {
            this.credentialsFile = Objects.requireNonNull(path, "credentialsFile");
            return this;
        }

        /**
         * How the subjects begin on which it is answered, without the last dot; default {@code
         * _INBOX}. Whoever may subscribe to them hears the answers: users that are not to hear each
         * other's have one each.
         *
         * @throws IllegalArgumentException if it does not begin with {@code _INBOX}, by which
         *     answers are told from what producers publish, or is no subject
         */
        public Builder inboxPrefix(String prefix) {
            if (!prefix.matches("_INBOX[A-Za-z0-9_-]*(\\.[A-Za-z0-9_-]+)*")) {
                throw new IllegalArgumentException(
                        "inboxPrefix: must be _INBOX, or begin with it and go on with letters,"
                                + " digits, _, - and single dots, is '"
                                + prefix
                                + "'");
            }
            this.inboxPrefix = prefix;
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
         * every machine that connects: a Java keystore, a PKCS #12 file, or certificates in PEM.
         *
         * @param secret its password; empty for PEM
         */
        public Builder truststore(String path, String secret) {
            return truststore(path, SecretValue.of(secret));
        }

        /** The same, with a password that may be in a file. */
        public Builder truststore(String path, SecretValue secret) {
            this.tlsSettings = tlsSettings.withTruststore(path, secret);
            return tls();
        }

        /**
         * Requires TLS and presents the client certificate of this file, which must be on every
         * machine that connects: a Java keystore, a PKCS #12 file, or certificate and private key
         * (PKCS #8, without a password) in one PEM file.
         *
         * @param secret its password; empty for PEM
         */
        public Builder keystore(String path, String secret) {
            return keystore(path, SecretValue.of(secret));
        }

        /** The same, with a password that may be in a file. */
        public Builder keystore(String path, SecretValue secret) {
            this.tlsSettings = tlsSettings.withKeystore(path, secret);
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
         * How often the server is asked whether it is there: one that has vanished without a word
         * is given up after the third. Default 10 s.
         */
        public Builder pingInterval(Duration interval) {
            this.pingInterval = Objects.requireNonNull(interval, "pingInterval");
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
            requirePositive(pingInterval, "pingInterval");
            return new NatsSettings(this);
        }

        private static void requirePositive(Duration duration, String property) {
            if (duration.isZero() || duration.isNegative()) {
                throw new IllegalArgumentException(property + ": must be positive, is " + duration);
            }
        }
    }
}
