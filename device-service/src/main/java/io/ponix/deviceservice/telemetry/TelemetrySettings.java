package io.ponix.deviceservice.telemetry;

import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.client.nats.NatsSettings;
import java.util.Objects;
import java.util.Optional;

/**
 * Where the rows and dead letters of devices are. Both places are optional: the service starts and
 * runs without them, and says what is missing when somebody asks for what is there.
 *
 * @param clickHouse servers that have the table; of several the first that answers is asked
 * @param clickHouseTable the table of the rows
 * @param nats servers that have the streams
 * @param rawStream the stream of the raw envelopes
 * @param deadLettersStream the stream of the dead letters
 */
public record TelemetrySettings(
        Optional<ClickHouseSettings> clickHouse,
        String clickHouseTable,
        Optional<NatsSettings> nats,
        String rawStream,
        String deadLettersStream) {

    /** Checks that places and streams are not null. */
    public TelemetrySettings {
        Objects.requireNonNull(clickHouse, "clickHouse");
        Objects.requireNonNull(nats, "nats");
        Objects.requireNonNull(rawStream, "rawStream");
        Objects.requireNonNull(deadLettersStream, "deadLettersStream");
    }

    /** Describes the settings without passwords. */
    @Override
    public String toString() {
        return "rows "
                + clickHouse.map(rows -> "in " + rows.database()).orElse("nowhere")
                + ", dead letters "
                + nats.map(streams -> "in " + deadLettersStream).orElse("nowhere");
    }
}
