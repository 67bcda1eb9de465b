package io.ponix.embedded.clickhouse;

import java.util.Map;

/**
 * Where ClickHouse answers, and as whom it is used.
 *
 * @param url {@code http://host:port}, or several separated by commas
 */
public record ClickHouseAddress(String url, String database, String username, String password) {

    /** The PONIX_* settings with which the programs of Ponix find it. */
    public Map<String, String> environment() {
        return Map.of(
                "PONIX_CLICKHOUSE_URL", url,
                "PONIX_CLICKHOUSE_DATABASE", database,
                "PONIX_CLICKHOUSE_USERNAME", username,
                "PONIX_CLICKHOUSE_PASSWORD", password);
    }

    /** The secret stays out of logs. */
    @Override
    public String toString() {
        return username + "@" + url + "/" + database;
    }
}
