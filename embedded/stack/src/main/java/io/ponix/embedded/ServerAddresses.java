package io.ponix.embedded;

import io.ponix.embedded.clickhouse.ClickHouseAddress;
import io.ponix.embedded.nats.NatsAddress;
import io.ponix.embedded.postgres.PostgresAddress;
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
        NatsAddress nats, PostgresAddress postgres, ClickHouseAddress clickHouse) {

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
