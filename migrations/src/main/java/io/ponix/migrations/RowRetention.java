package io.ponix.migrations;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long rows are kept after JetStream stored their envelopes: the TTL of {@code
 * processed_envelopes}. A part is dropped as a whole once its newest row has expired, so that
 * nothing is rewritten; rows of before the TTL was set are only looked at.
 *
 * @param limit nothing for rows that are kept for ever
 */
record RowRetention(Optional<Duration> limit) {

    /** The setting; where it is not set, the table is left as it is. */
    static final String SETTING = "PONIX_ROW_RETENTION";

    private static final Logger LOG = LoggerFactory.getLogger(RowRetention.class);

    private static final String UNLIMITED = "unlimited";
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})\\s*(d|h|min|s)");
    private static final Duration SHORTEST = Duration.ofHours(1);
    private static final String TABLE = "processed_envelopes";

    /**
     * Reads the setting.
     *
     * @throws MigrationException if it is neither {@code unlimited} nor a duration of at least an
     *     hour
     */
    static RowRetention parse(String text) {
        String value = text.strip().toLowerCase(Locale.ROOT);
        if (value.equals(UNLIMITED)) {
            return new RowRetention(Optional.empty());
        }
        Matcher matcher = DURATION.matcher(value);
        if (matcher.matches()) {
            long count = Long.parseLong(matcher.group(1));
            Duration duration =
                    switch (matcher.group(2)) {
                        case "d" -> Duration.ofDays(count);
                        case "h" -> Duration.ofHours(count);
                        case "min" -> Duration.ofMinutes(count);
                        default -> Duration.ofSeconds(count);
                    };
            if (duration.compareTo(SHORTEST) >= 0) {
                return new RowRetention(Optional.of(duration));
            }
        }
        throw new MigrationException(
                SETTING
                        + " is '"
                        + text
                        + "': expected "
                        + UNLIMITED
                        + ", or a time of at least an hour such as 90 d or 36 h");
    }

    /** Gives the table this TTL, unless it has it. */
    void apply(ClickHouseServer server) {
        List<List<String>> tables =
                server.query(
                        "SELECT engine_full FROM system.tables WHERE database = "
                                + ClickHouseServer.quoted(server.database())
                                + " AND name = "
                                + ClickHouseServer.quoted(TABLE));
        if (tables.isEmpty()) {
            return;
        }
        String definition = tables.get(0).get(0);
        if (limit.isEmpty()) {
            if (definition.contains(" TTL ")) {
                server.execute("ALTER TABLE " + TABLE + " REMOVE TTL");
                LOG.info("ClickHouse: rows are kept for ever");
            }
            return;
        }
        String expression =
                "toDateTime(received_at) + toIntervalSecond(" + limit.get().toSeconds() + ")";
        if (!definition.contains(" TTL " + expression + " ")) {
            server.execute(
                    "ALTER TABLE "
                            + TABLE
                            + " MODIFY SETTING ttl_only_drop_parts = 1,"
                            + " materialize_ttl_recalculate_only = 1");
            server.execute("ALTER TABLE " + TABLE + " MODIFY TTL " + expression);
            LOG.info("ClickHouse: rows are kept for {}", limit.get());
        }
    }
}
