package io.ponix.embedded;

import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.client.nats.NatsSettings;
import io.ponix.client.postgres.PostgresSettings;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where the servers of a pipeline answer; null for one that is not known.
 *
 * @param nats streams of envelopes and dead letters
 * @param postgres devices
 * @param clickHouse rows
 */
public record ServerAddresses(
        NatsSettings nats, PostgresSettings postgres, ClickHouseSettings clickHouse) {

    /** The PONIX_* settings with which the job, the device service and the migrations find them. */
    public Map<String, String> environment() {
        Map<String, String> environment = new TreeMap<>();
        if (nats != null) {
            environment.putAll(nats.environment());
        }
        if (postgres != null) {
            environment.putAll(postgres.environment());
        }
        if (clickHouse != null) {
            environment.putAll(clickHouse.environment());
        }
        return environment;
    }
}
