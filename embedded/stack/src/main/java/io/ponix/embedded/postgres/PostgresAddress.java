package io.ponix.embedded.postgres;

import java.util.Map;

/**
 * Where Postgres answers, and as whom it is used.
 *
 * @param host name or address, or several separated by commas
 * @param port of hosts that have none of their own, 1 to 65535
 */
public record PostgresAddress(
        String host, int port, String database, String username, String password) {

    /** {@code jdbc:postgresql://host:port/database}, without user and password; of one host. */
    public String jdbcUrl() {
        return "jdbc:postgresql://" + host + ":" + port + "/" + database;
    }

    /** The PONIX_* settings with which the programs of Ponix find it. */
    public Map<String, String> environment() {
        return Map.of(
                "PONIX_POSTGRES_HOST", host,
                "PONIX_POSTGRES_PORT", Integer.toString(port),
                "PONIX_POSTGRES_DATABASE", database,
                "PONIX_POSTGRES_USERNAME", username,
                "PONIX_POSTGRES_PASSWORD", password);
    }

    /** The secret stays out of logs. */
    @Override
    public String toString() {
        return username + "@" + host + ":" + port + "/" + database;
    }
}
