package io.ponix.environment;

/**
 * Variables of the system that Ponix carries on which have no meaning here. Who still sets one is
 * told why, and by which name the same is set, if any.
 */
public enum FormerVariable {
    PONIX_NATS_BATCH_SIZE(
            "envelopes are read as they come; PONIX_CLICKHOUSE_BATCH_ROWS limits a batch of rows"),
    PONIX_NATS_BATCH_WAIT_SECS(
            "nothing waits for a batch to be full; rows appear at PONIX_CHECKPOINT_INTERVAL"),
    PONIX_CLICKHOUSE_NATIVE_URL("ClickHouse is reached by HTTP only, at PONIX_CLICKHOUSE_URL"),
    PONIX_CDC_BATCH_SIZE("a change of a device is known as soon as it is read"),
    PONIX_CDC_BATCH_TIMEOUT_MS("a change of a device is known as soon as it is read"),
    PONIX_CDC_RETRY_DELAY_MS(
            "a lost connection to Postgres is made again, with pauses that grow by themselves"),
    PONIX_CDC_MAX_RETRY_ATTEMPTS(
            "a lost connection to Postgres is made again for as long as it takes"),
    PONIX_POSTGRES_GOOSE_BINARY_PATH("the migrations run without goose"),
    PONIX_CLICKHOUSE_GOOSE_BINARY_PATH("the migrations run without goose");

    private final String reason;

    FormerVariable(String reason) {
        this.reason = reason;
    }

    /** Returns why it has no meaning, as the end of a sentence. */
    public String reason() {
        return reason;
    }
}
