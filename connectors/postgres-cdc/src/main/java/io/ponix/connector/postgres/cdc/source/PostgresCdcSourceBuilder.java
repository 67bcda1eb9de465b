package io.ponix.connector.postgres.cdc.source;

import io.ponix.client.postgres.PostgresSettings;
import io.ponix.connector.postgres.cdc.publication.PublishedTable;
import io.ponix.connector.postgres.cdc.source.change.PostgresChangeDeserializer;
import io.ponix.connector.postgres.cdc.source.settings.PostgresCdcSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.flink.annotation.PublicEvolving;

/**
 * Collects the settings of a {@link PostgresCdcSource}; {@link #build()} names the one that is
 * missing or wrong.
 *
 * @param <OUT> type of the records
 */
@PublicEvolving
public final class PostgresCdcSourceBuilder<OUT> {

    /** How often the reader looks at the slot unless told otherwise: 10 s. */
    public static final Duration DEFAULT_MONITOR_INTERVAL = Duration.ofSeconds(10);

    /**
     * How much unconfirmed WAL brings about a heartbeat unless told otherwise: 16 MiB, one segment
     * of Postgres' log. Postgres removes its log by whole segments, so confirming less than that
     * frees nothing.
     */
    public static final long DEFAULT_HEARTBEAT_WAL_BYTES = 16L << 20;

    /**
     * How much WAL stays unconfirmed behind the latest checkpoint unless told otherwise: 64 MiB,
     * four segments of Postgres' log, and far more than tables of definitions change in a day.
     */
    public static final long DEFAULT_RESTORABLE_WAL_BYTES = 64L << 20;

    /**
     * How long the reader waits for a slot that another connection uses unless told otherwise: 2
     * minutes. Longer than Postgres' default {@code wal_sender_timeout} of 60 s, after which the
     * connection of a lost machine is dropped.
     */
    public static final Duration DEFAULT_SLOT_ACTIVE_TIMEOUT = Duration.ofMinutes(2);

    // Postgres' own rule for slot names.
    private static final Pattern SLOT_NAME = Pattern.compile("[a-z0-9_]{1,63}");

    // What the guarantees rest on: prefixes of Debezium's properties that are not for the user.
    private static final Set<String> RESERVED_PREFIXES =
            Set.of(
                    "name",
                    "connector.class",
                    "topic.prefix",
                    "database.hostname",
                    "database.port",
                    "database.user",
                    "database.password",
                    "database.dbname",
                    "driver.",
                    "plugin.name",
                    "slot.",
                    "publication.",
                    "snapshot.",
                    "lsn.",
                    "flush.lsn.source",
                    "offset.",
                    "provide.transaction.metadata",
                    "tombstones.on.delete",
                    "skipped.operations",
                    "message.prefix.",
                    "heartbeat.",
                    "errors.",
                    "retriable.",
                    "poll.interval.ms",
                    "signal.");

    private PostgresSettings connectionConfig;
    private String slotName;
    private String publicationName;
    private PostgresChangeDeserializer<OUT> deserializer;
    private List<PublishedTable> publishedTables = List.of();
    private Duration monitorInterval = DEFAULT_MONITOR_INTERVAL;
    private long heartbeatWalBytes = DEFAULT_HEARTBEAT_WAL_BYTES;
    private long restorableWalBytes = DEFAULT_RESTORABLE_WAL_BYTES;
    private Duration slotActiveTimeout = DEFAULT_SLOT_ACTIVE_TIMEOUT;
    private boolean resnapshot;
    private String resnapshotSetting;
    private final TreeMap<String, String> debeziumProperties = new TreeMap<>();

    PostgresCdcSourceBuilder() {}

    /** The database. Required. */
    public PostgresCdcSourceBuilder<OUT> setConnection(PostgresSettings connectionConfig) {
        this.connectionConfig = connectionConfig;
        return this;
    }

    /**
     * The replication slot, created by a fresh start if it does not exist and never dropped. One
     * slot serves one job. Required; lower-case letters, digits and underscores, at most 63.
     */
    public PostgresCdcSourceBuilder<OUT> setSlotName(String slotName) {
        this.slotName = slotName;
        return this;
    }

    /**
     * The publication, which decides about tables, operations, columns and rows. Has to exist.
     * Required.
     */
    public PostgresCdcSourceBuilder<OUT> setPublicationName(String publicationName) {
        this.publicationName = publicationName;
        return this;
    }

    /**
     * Tables whose every change the job counts on. Unless empty, which is the default, changes of
     * others are passed over, also those of a table of the same name in another schema, and the
     * reader looks every {@link #setMonitorInterval} whether the publication publishes them wholly:
     * all operations, all rows, the columns named, and a replica identity that tells rows apart.
     * What is not published never reaches the job; it is told in the log and by the metric {@link
     * io.ponix.connector.postgres.cdc.source.reader.PostgresCdcSourceMetrics#PUBLICATION_PROBLEMS},
     * and {@link PostgresChangeDeserializer#published} lets the job make up for it.
     */
    public PostgresCdcSourceBuilder<OUT> setPublishedTables(List<PublishedTable> publishedTables) {
        this.publishedTables = publishedTables;
        return this;
    }

    /** Makes records of changes. Required. */
    public PostgresCdcSourceBuilder<OUT> setDeserializer(
            PostgresChangeDeserializer<OUT> deserializer) {
        this.deserializer = deserializer;
        return this;
    }

    /**
     * How often the reader looks at the slot from outside: for the metrics, to write a heartbeat if
     * one is due, and to notice that the slot was dropped, invalidated or moved, or that the server
     * has given up the connection. At least 100 ms; default {@link #DEFAULT_MONITOR_INTERVAL}.
     */
    public PostgresCdcSourceBuilder<OUT> setMonitorInterval(Duration monitorInterval) {
        this.monitorInterval = monitorInterval;
        return this;
    }

    /**
     * The amount of unconfirmed WAL beyond {@link #setRestorableWalBytes}, in bytes, from which on
     * the reader writes a heartbeat (a logical decoding message, no table is needed), so that
     * published tables without changes do not keep the WAL of all others from being removed. 0
     * turns heartbeats off; default {@link #DEFAULT_HEARTBEAT_WAL_BYTES}.
     */
    public PostgresCdcSourceBuilder<OUT> setHeartbeatWalBytes(long heartbeatWalBytes) {
        this.heartbeatWalBytes = heartbeatWalBytes;
        return this;
    }

    /**
     * How much WAL, in bytes, stays unconfirmed behind the latest completed checkpoint. What is
     * confirmed cannot be read again, so a checkpoint or savepoint can be restored while no more
     * than this was written to Postgres' log since. With 0 only the latest checkpoint can, if
     * anything changed since the others. While a standby waits to begin its copy of the slot,
     * nothing is kept: a slot that lags as much as this may need what a new standby does not have,
     * and would be lost with the primary. Costs as much disk space on the server, and as many
     * changes emitted again by a start without state. Default {@link
     * #DEFAULT_RESTORABLE_WAL_BYTES}.
     */
    public PostgresCdcSourceBuilder<OUT> setRestorableWalBytes(long restorableWalBytes) {
        this.restorableWalBytes = restorableWalBytes;
        return this;
    }

    /**
     * How long a slot in use by another connection is waited for before the job fails; default
     * {@link #DEFAULT_SLOT_ACTIVE_TIMEOUT}.
     */
    public PostgresCdcSourceBuilder<OUT> setSlotActiveTimeout(Duration slotActiveTimeout) {
        this.slotActiveTimeout = slotActiveTimeout;
        return this;
    }

    /**
     * Begins anew where the restored state cannot be continued: the slot is missing (it is created
     * then), was confirmed beyond the state, or belongs to a server whose log ends before it.
     * Reading goes on from where the slot is, and the changes in between are never emitted: only
     * for a job whose operators load the tables by SQL at this start, see {@link
     * io.ponix.connector.postgres.cdc.slot.ReplicationSlotAwaiter}. Meant to be set for one start,
     * by a person: left on, a slot that is lost later is replaced without a word. A state that can
     * be continued is continued. Default false: each of these conditions fails the job.
     */
    public PostgresCdcSourceBuilder<OUT> setResnapshot(boolean resnapshot) {
        this.resnapshot = resnapshot;
        return this;
    }

    /**
     * The same, with what a person sets for it, for instance {@code MY_JOB_RESNAPSHOT=true}: errors
     * that it mends name it then.
     */
    public PostgresCdcSourceBuilder<OUT> setResnapshot(boolean resnapshot, String setting) {
        this.resnapshotSetting = setting;
        return setResnapshot(resnapshot);
    }

    /**
     * A property of Debezium's Postgres connector that changes how rows are read, for instance
     * {@code decimal.handling.mode} or {@code max.queue.size}. Those on which the guarantees rest
     * are refused by {@link #build()}.
     */
    public PostgresCdcSourceBuilder<OUT> setDebeziumProperty(String name, String value) {
        debeziumProperties.put(
                Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
        return this;
    }

    /**
     * @throws IllegalArgumentException naming the setting that is missing or out of range
     */
    public PostgresCdcSource<OUT> build() {
        require(connectionConfig != null, "connection must be set");
        require(deserializer != null, "deserializer must be set");
        require(slotName != null, "slotName must be set");
        require(
                SLOT_NAME.matcher(slotName).matches(),
                "slotName must be 1 to 63 lower-case letters, digits and underscores, but is '"
                        + slotName
                        + "'");
        require(
                publicationName != null && !publicationName.isBlank(),
                "publicationName must be set");
        require(
                monitorInterval != null && monitorInterval.toMillis() >= 100,
                "monitorInterval must be at least 100 ms, but is " + monitorInterval);
        require(
                heartbeatWalBytes >= 0,
                "heartbeatWalBytes must be 0 (off) or more, but is " + heartbeatWalBytes);
        require(
                restorableWalBytes >= 0,
                "restorableWalBytes must be 0 or more, but is " + restorableWalBytes);
        require(
                slotActiveTimeout != null && !slotActiveTimeout.isNegative(),
                "slotActiveTimeout must not be negative, but is " + slotActiveTimeout);
        for (String name : debeziumProperties.keySet()) {
            require(
                    RESERVED_PREFIXES.stream().noneMatch(name::startsWith),
                    "debeziumProperty '" + name + "' is set by the source itself");
        }
        return new PostgresCdcSource<>(
                new PostgresCdcSettings(
                        connectionConfig,
                        slotName,
                        publicationName,
                        new ArrayList<>(publishedTables),
                        monitorInterval,
                        heartbeatWalBytes,
                        restorableWalBytes,
                        slotActiveTimeout,
                        resnapshot,
                        resnapshotSetting,
                        debeziumProperties),
                deserializer);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
