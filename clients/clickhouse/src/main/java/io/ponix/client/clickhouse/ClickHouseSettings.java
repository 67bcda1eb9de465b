package io.ponix.client.clickhouse;

import java.io.Serializable;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * Where a ClickHouse server is and who logs in: plain values, checked when they are put together.
 *
 * <p>Several addresses must be replicas of the same table: a token that makes a repeated insert
 * harmless is known only to the servers that share the table's Keeper path. {@link
 * io.ponix.connector.clickhouse.table.TablePreflight} refuses several addresses for a table that is
 * not replicated.
 *
 * @param urls addresses of the HTTP interface, {@code http://host:8123} or {@code
 *     https://host:8443}; the first is used until it fails, then the next, round and round
 * @param database the database of unqualified table names
 * @param username the user's name
 * @param password the user's password, possibly empty; never logged
 * @param connectTimeout how long to wait for a connection
 * @param requestTimeout how long to wait for the answer to a query or insert. An insert that times
 *     out may still succeed on the server; it is repeated with the same token
 */
public record ClickHouseSettings(
        List<String> urls,
        String database,
        String username,
        String password,
        Duration connectTimeout,
        Duration requestTimeout)
        implements Serializable {

    /** 10 seconds. */
    public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /** 60 seconds. */
    public static final Duration DEFAULT_REQUEST_TIMEOUT = Duration.ofSeconds(60);

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
        requireHeaderValue("password", password);
        if (database.isEmpty()) {
            throw new IllegalArgumentException("database: must not be empty");
        }
        if (username.isEmpty()) {
            throw new IllegalArgumentException("username: must not be empty");
        }
        requirePositive("connectTimeout", connectTimeout);
        requirePositive("requestTimeout", requestTimeout);
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
        return new ClickHouseSettings(
                List.of(url),
                database,
                username,
                password,
                DEFAULT_CONNECT_TIMEOUT,
                DEFAULT_REQUEST_TIMEOUT);
    }

    private static void requireHttpUrl(String url) {
        URI uri;
        try {
            uri = URI.create(url);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("urls: not a URL: " + url, e);
        }
        boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
        if (!http || uri.getHost() == null || uri.getRawQuery() != null) {
            throw new IllegalArgumentException(
                    "urls: expected http://host:port or https://host:port, got " + url);
        }
        if (uri.getRawUserInfo() != null) {
            throw new IllegalArgumentException(
                    "urls: give the user and password as username and password, not in the URL");
        }
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
