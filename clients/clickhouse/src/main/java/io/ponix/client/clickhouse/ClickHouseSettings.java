package io.ponix.client.clickhouse;

import io.ponix.client.tls.TlsSettings;
import io.ponix.environment.SecretValue;
import java.io.Serializable;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * Where a ClickHouse server is and who logs in: plain values, checked when they are put together.
 *
 * <p>Several addresses must be replicas of the same table: a token that makes a repeated insert
 * harmless is known only to the servers that share the table's Keeper path.
 *
 * <p>With {@code https} a server's certificate must be genuine and for the host of its address.
 *
 * @param urls addresses of the HTTP interface, {@code http://host:8123} or {@code
 *     https://host:8443}; the first is used until it fails, then the next, round and round
 * @param database the database of unqualified table names
 * @param username the user's name
 * @param password the user's password, possibly empty; never logged
 * @param connectTimeout how long to wait for a connection
 * @param requestTimeout how long to wait for the answer to a query or insert. An insert that times
 *     out may still succeed on the server; it is repeated with the same token
 * @param tls which servers are trusted, and who we are to them
 */
@API(status = Status.EXPERIMENTAL)
public record ClickHouseSettings(
        List<String> urls,
        String database,
        String username,
        SecretValue password,
        Duration connectTimeout,
        Duration requestTimeout,
        TlsSettings tls)
        implements Serializable {

    /** 10 seconds. */
    public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /** 60 seconds. */
    public static final Duration DEFAULT_REQUEST_TIMEOUT = Duration.ofSeconds(60);

    /** What messages of this class begin with, and the variable of that. */
    private static final Map<String, ClickHouseVariable> OF_PROPERTY =
            Map.of(
                    "urls", ClickHouseVariable.URL,
                    "database", ClickHouseVariable.DATABASE,
                    "username", ClickHouseVariable.USERNAME,
                    "password", ClickHouseVariable.PASSWORD,
                    "tls", ClickHouseVariable.TLS_TRUSTSTORE);

    /** For requests that may take as long as they do. */
    public static final Duration UNLIMITED = Duration.ofDays(365);

    /**
     * Checks every value.
     *
     * @throws IllegalArgumentException if a value cannot be used; the message names it
     */
    public ClickHouseSettings {
        urls = List.copyOf(Objects.requireNonNull(urls, "urls"));
        if (urls.isEmpty()) {
            throw new IllegalArgumentException("urls: at least one ClickHouse address is needed");
        }
        urls.forEach(ClickHouseSettings::requireHttpUrl);
        requireHeaderValue("database", database);
        requireHeaderValue("username", username);
        requireHeaderValue("password", password.reveal());
        if (database.isEmpty()) {
            throw new IllegalArgumentException("database: must not be empty");
        }
        if (username.isEmpty()) {
            throw new IllegalArgumentException("username: must not be empty");
        }
        requirePositive("connectTimeout", connectTimeout);
        requirePositive("requestTimeout", requestTimeout);
        Objects.requireNonNull(tls, "tls");
        if (!tls.equals(TlsSettings.DEFAULT)) {
            urls.forEach(ClickHouseSettings::requireTls);
        }
    }

    /**
     * Settings that trust whom the JVM trusts.
     *
     * @throws IllegalArgumentException if a value cannot be used; the message names it
     */
    public ClickHouseSettings(
            List<String> urls,
            String database,
            String username,
            String password,
            Duration connectTimeout,
            Duration requestTimeout) {
        this(
                urls,
                database,
                username,
                SecretValue.of(password),
                connectTimeout,
                requestTimeout,
                TlsSettings.DEFAULT);
    }

    /**
     * Reads the settings from environment variables; what is not set or blank has its default.
     *
     * @throws IllegalArgumentException if something cannot be used; the message names the variable
     *     and no secret
     */
    public static ClickHouseSettings fromEnvironment(Map<String, String> environment) {
        return read(environment, ClickHouseVariable::variable);
    }

    /**
     * As {@link #fromEnvironment}, for programs that take the settings otherwise, too.
     *
     * @param environment what is set, by the names of the variables
     * @param names what messages call a variable
     */
    public static ClickHouseSettings read(
            Map<String, String> environment, Function<ClickHouseVariable, String> names) {
        SecretValue password = secret(ClickHouseVariable.PASSWORD, environment);
        SecretValue ofTruststore = secret(ClickHouseVariable.TLS_TRUSTSTORE_PASSWORD, environment);
        SecretValue ofKeystore = secret(ClickHouseVariable.TLS_KEYSTORE_PASSWORD, environment);
        try {
            return new ClickHouseSettings(
                    Arrays.stream(ClickHouseVariable.URL.in(environment).split(",", -1))
                            .map(String::strip)
                            .toList(),
                    ClickHouseVariable.DATABASE.in(environment),
                    ClickHouseVariable.USERNAME.in(environment),
                    password,
                    DEFAULT_CONNECT_TIMEOUT,
                    DEFAULT_REQUEST_TIMEOUT,
                    new TlsSettings(
                            ClickHouseVariable.TLS_TRUSTSTORE.in(environment),
                            ofTruststore,
                            ClickHouseVariable.TLS_KEYSTORE.in(environment),
                            ofKeystore));
        } catch (IllegalArgumentException e) {
            String property = e.getMessage().substring(0, e.getMessage().indexOf(':'));
            throw new IllegalArgumentException(
                    names.apply(OF_PROPERTY.get(property))
                            + e.getMessage().substring(property.length()));
        }
    }

    /** As the variable has it, or its default. */
    private static SecretValue secret(
            ClickHouseVariable variable, Map<String, String> environment) {
        SecretValue given = SecretValue.in(environment, variable.variable());
        return given.isEmpty() ? SecretValue.of(variable.byDefault()) : given;
    }

    /**
     * The variables by which another program gets the same settings; with the secrets, or the files
     * that have them.
     */
    public Map<String, String> environment() {
        Map<String, String> environment = new TreeMap<>();
        environment.put(ClickHouseVariable.URL.variable(), String.join(",", urls));
        environment.put(ClickHouseVariable.DATABASE.variable(), database);
        environment.put(ClickHouseVariable.USERNAME.variable(), username);
        // Also where there is none: another program may inherit one that is for another server.
        environment.put(ClickHouseVariable.TLS_TRUSTSTORE.variable(), tls.truststore());
        environment.put(ClickHouseVariable.TLS_KEYSTORE.variable(), tls.keystore());
        password.addTo(environment, ClickHouseVariable.PASSWORD.variable());
        tls.truststorePassword()
                .addTo(environment, ClickHouseVariable.TLS_TRUSTSTORE_PASSWORD.variable());
        tls.keystorePassword()
                .addTo(environment, ClickHouseVariable.TLS_KEYSTORE_PASSWORD.variable());
        return environment;
    }

    private static void requireTls(String url) {
        if (!url.startsWith("https://")) {
            throw new IllegalArgumentException(
                    "tls: there is a truststore or keystore, but "
                            + url
                            + " is without TLS: https:// is wanted");
        }
    }

    /** The same with other timeouts. */
    public ClickHouseSettings withTimeouts(Duration connect, Duration request) {
        return new ClickHouseSettings(urls, database, username, password, connect, request, tls);
    }

    /** The same for one of the servers. */
    public ClickHouseSettings at(String url) {
        return new ClickHouseSettings(
                List.of(url), database, username, password, connectTimeout, requestTimeout, tls);
    }

    /**
     * The same with other files for TLS.
     *
     * @throws IllegalArgumentException if there are some and a URL is not https
     */
    public ClickHouseSettings trusting(TlsSettings files) {
        return new ClickHouseSettings(
                urls, database, username, password, connectTimeout, requestTimeout, files);
    }

    /**
     * The same for another user.
     *
     * @throws IllegalArgumentException if a value cannot be used; the message names it
     */
    public ClickHouseSettings as(String otherUsername, SecretValue itsPassword) {
        return new ClickHouseSettings(
                urls, database, otherUsername, itsPassword, connectTimeout, requestTimeout, tls);
    }

    /** The same with unqualified table names in another database. */
    public ClickHouseSettings in(String otherDatabase) {
        return new ClickHouseSettings(
                urls, otherDatabase, username, password, connectTimeout, requestTimeout, tls);
    }

    /**
     * A connection to one server with the default timeouts.
     *
     * @param url address of the HTTP interface
     * @param database the database of unqualified table names
     * @param username the user's name
     * @param password the user's password, possibly empty
     * @return the connection
     * @throws IllegalArgumentException if a value cannot be used
     */
    public static ClickHouseSettings of(
            String url, String database, String username, String password) {
        return of(url, database, username, SecretValue.of(password));
    }

    /** The same, with a password that may be in a file. */
    public static ClickHouseSettings of(
            String url, String database, String username, SecretValue password) {
        return new ClickHouseSettings(
                List.of(url),
                database,
                username,
                password,
                DEFAULT_CONNECT_TIMEOUT,
                DEFAULT_REQUEST_TIMEOUT,
                TlsSettings.DEFAULT);
    }

    private static void requireHttpUrl(String url) {
        if (url.contains("@")) {
            // Without the URL: it may hold a password.
            throw new IllegalArgumentException(
                    "urls: give the user and password as username and password, not in the URL");
        }
        try {
            URI uri = new URI(url);
            boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            if (http && uri.getHost() != null && uri.getRawQuery() == null) {
                return;
            }
        } catch (URISyntaxException noUrl) {
            // Said below.
        }
        throw new IllegalArgumentException(
                "urls: expected http://host:port or https://host:port, got '" + url + "'");
    }

    private static void requireHeaderValue(String property, String value) {
        Objects.requireNonNull(value, property);
        for (int i = 0; i < value.length(); i++) {
            if (value.charAt(i) < ' ' || value.charAt(i) == 0x7f) {
                throw new IllegalArgumentException(
                        property + ": must not hold control characters (position " + i + ")");
            }
        }
    }

    private static void requirePositive(String property, Duration value) {
        Objects.requireNonNull(value, property);
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(property + ": must be positive, got " + value);
        }
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "ClickHouseSettings{urls="
                + urls
                + ", database="
                + database
                + ", username="
                + username
                + "}";
    }
}
