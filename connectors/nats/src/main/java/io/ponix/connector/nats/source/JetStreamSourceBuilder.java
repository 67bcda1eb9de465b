package io.ponix.connector.nats.source;

import io.ponix.client.nats.NatsSettings;
import io.ponix.connector.nats.Subjects;
import io.ponix.connector.nats.source.message.JetStreamDeserializationSchema;
import io.ponix.connector.nats.source.settings.GapPolicy;
import io.ponix.connector.nats.source.settings.JetStreamSourceOptions;
import io.ponix.connector.nats.source.settings.RecreatedStreamPolicy;
import io.ponix.connector.nats.source.settings.RewoundStreamPolicy;
import io.ponix.connector.nats.source.settings.SourcePermit;
import io.ponix.connector.nats.source.settings.StartingPosition;
import io.ponix.connector.nats.source.settings.StoppingPosition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.apache.flink.annotation.PublicEvolving;

/**
 * Builds a {@link JetStreamSource}. Connection, stream and deserializer are required; everything
 * else has a default.
 *
 * @param <OUT> type of the source's records
 */
@PublicEvolving
public final class JetStreamSourceBuilder<OUT> {

    private NatsSettings connection;
    private String stream;
    private List<String> filterSubjects = List.of(">");
    private StartingPosition startingPosition = StartingPosition.earliest();
    private StoppingPosition stoppingPosition = StoppingPosition.never();
    private GapPolicy gapPolicy = GapPolicy.FAIL;
    private RecreatedStreamPolicy recreatedStreamPolicy = RecreatedStreamPolicy.FAIL;
    private RewoundStreamPolicy rewoundStreamPolicy = RewoundStreamPolicy.REREAD;
    private String gapPolicySetting = "the source's gap policy";
    private String recreatedStreamSetting = "the source's policy for recreated streams";
    private String rewoundStreamSetting = "the source's policy for rewound streams";
    private boolean consumingRetentionAllowed;
    private boolean uncoveredSubjectsAllowed;
    private int prefetchMessages = 5_000;
    private long prefetchBytes = 16 << 20;
    private SourcePermit permit;
    private JetStreamDeserializationSchema<OUT> deserializer;

    JetStreamSourceBuilder() {}

    /** How to reach the server. Required. */
    public JetStreamSourceBuilder<OUT> setConnection(NatsSettings configuration) {
        this.connection = Objects.requireNonNull(configuration, "connection");
        return this;
    }

    /** Name of the stream to read. Required. */
    public JetStreamSourceBuilder<OUT> setStream(String name) {
        this.stream = Objects.requireNonNull(name, "stream");
        return this;
    }

    /** What to read of the stream, see {@link #setFilterSubjects(Collection)}. */
    public JetStreamSourceBuilder<OUT> setFilterSubjects(String... subjects) {
        return setFilterSubjects(Arrays.asList(subjects));
    }

    /**
     * What to read of the stream: each filter becomes one split, read in order by one reader. They
     * must not overlap, and together they must cover the stream's subjects unless {@link
     * #allowUncoveredSubjects()} is set. Default: one split, {@code >}.
     *
     * <p>They may change between a savepoint and its restore, and every message is still read once.
     * A filter that stays continues at its position. A new one continues removed ones that it
     * overlaps with: what they have read is not read again, even if they had come to different
     * positions; what none of them has read begins at the starting position. A removed filter is
     * forgotten once its successors have passed its position, or if it has none.
     */
    public JetStreamSourceBuilder<OUT> setFilterSubjects(Collection<String> subjects) {
        this.filterSubjects = new ArrayList<>(subjects);
        return this;
    }

    /** Makes records of messages. Required. */
    public JetStreamSourceBuilder<OUT> setDeserializer(JetStreamDeserializationSchema<OUT> schema) {
        this.deserializer = Objects.requireNonNull(schema, "deserializer");
        return this;
    }

    /** Where to begin without state; default {@link StartingPosition#earliest()}. */
    public JetStreamSourceBuilder<OUT> setStartingPosition(StartingPosition position) {
        this.startingPosition = Objects.requireNonNull(position, "startingPosition");
        return this;
    }

    /**
     * Where to end; with anything but the default {@link StoppingPosition#never()} the source is
     * bounded.
     */
    public JetStreamSourceBuilder<OUT> setStoppingPosition(StoppingPosition position) {
        this.stoppingPosition = Objects.requireNonNull(position, "stoppingPosition");
        return this;
    }

    /** What to do when messages are gone before they were read; default {@link GapPolicy#FAIL}. */
    public JetStreamSourceBuilder<OUT> setGapPolicy(GapPolicy policy) {
        this.gapPolicy = Objects.requireNonNull(policy, "gapPolicy");
        return this;
    }

    /**
     * The same.
     *
     * @param setting what the job's users call the policy, for the message that tells them to
     *     change it
     */
    public JetStreamSourceBuilder<OUT> setGapPolicy(GapPolicy policy, String setting) {
        this.gapPolicySetting = Objects.requireNonNull(setting, "setting");
        return setGapPolicy(policy);
    }

    /**
     * What to do when the stream has been deleted and created again since the state was written, or
     * while it is read; default {@link RecreatedStreamPolicy#FAIL}.
     */
    public JetStreamSourceBuilder<OUT> setRecreatedStreamPolicy(RecreatedStreamPolicy policy) {
        this.recreatedStreamPolicy = Objects.requireNonNull(policy, "recreatedStreamPolicy");
        return this;
    }

    /**
     * The same.
     *
     * @param setting what the job's users call the policy, for the message that tells them to
     *     change it
     */
    public JetStreamSourceBuilder<OUT> setRecreatedStreamPolicy(
            RecreatedStreamPolicy policy, String setting) {
        this.recreatedStreamSetting = Objects.requireNonNull(setting, "setting");
        return setRecreatedStreamPolicy(policy);
    }

    /**
     * What to do when the stream has lost messages that were read and gives their sequences to
     * others; default {@link RewoundStreamPolicy#REREAD}.
     */
    public JetStreamSourceBuilder<OUT> setRewoundStreamPolicy(RewoundStreamPolicy policy) {
        this.rewoundStreamPolicy = Objects.requireNonNull(policy, "rewoundStreamPolicy");
        return this;
    }

    /**
     * The same.
     *
     * @param setting what the job's users call the policy, for the message that tells them to
     *     change it
     */
    public JetStreamSourceBuilder<OUT> setRewoundStreamPolicy(
            RewoundStreamPolicy policy, String setting) {
        this.rewoundStreamSetting = Objects.requireNonNull(setting, "setting");
        return setRewoundStreamPolicy(policy);
    }

    /**
     * Accepts a stream with Interest retention. Such a stream deletes a message once all of its
     * consumers have it, which for the consumers of this source means delivered: what a restored
     * job would have to read again is gone, and what comes while the job does not run is not kept
     * at all.
     */
    public JetStreamSourceBuilder<OUT> allowConsumingRetention() {
        this.consumingRetentionAllowed = true;
        return this;
    }

    /** Accepts filters that leave some of the stream's subjects unread. */
    public JetStreamSourceBuilder<OUT> allowUncoveredSubjects() {
        this.uncoveredSubjectsAllowed = true;
        return this;
    }

    /** Most messages of one split held in memory ahead of the task, 1 to 100,000; default 5,000. */
    public JetStreamSourceBuilder<OUT> setPrefetchMessages(int messages) {
        this.prefetchMessages = messages;
        return this;
    }

    /**
     * Most bytes one request for messages may bring, at least 64 KiB; default 16 MiB. At most two
     * requests of a split are open at a time. A single message larger than this is still read.
     */
    public JetStreamSourceBuilder<OUT> setPrefetchBytes(long bytes) {
        this.prefetchBytes = bytes;
        return this;
    }

    /** What has to allow the job to read before it does. Default: nothing. */
    public JetStreamSourceBuilder<OUT> setPermit(SourcePermit permit) {
        this.permit = Objects.requireNonNull(permit, "permit");
        return this;
    }

    /**
     * @throws IllegalArgumentException if a required setting is missing or one is invalid; the
     *     message names it
     */
    public JetStreamSource<OUT> build() {
        require(connection != null, "connection: how to reach the NATS server must be set");
        require(stream != null && !stream.isEmpty(), "stream: the name of the stream must be set");
        require(
                stream.chars().noneMatch(c -> c <= ' ' || c == '.' || c == '*' || c == '>'),
                "stream: '" + stream + "' cannot be the name of a stream");
        require(deserializer != null, "deserializer: how messages become records must be set");
        require(!filterSubjects.isEmpty(), "filterSubjects: at least one is needed");
        for (int i = 0; i < filterSubjects.size(); i++) {
            String filter = filterSubjects.get(i);
            Subjects.requireValidFilter(filter, "filterSubjects");
            for (String other : filterSubjects.subList(0, i)) {
                require(
                        !Subjects.overlap(filter, other),
                        "filterSubjects: '"
                                + other
                                + "' and '"
                                + filter
                                + "' overlap; what both match would be read twice");
            }
        }
        require(
                prefetchMessages >= 1 && prefetchMessages <= 100_000,
                "prefetchMessages: must be 1 to 100000, is " + prefetchMessages);
        require(
                prefetchBytes >= 65_536,
                "prefetchBytes: must be at least 65536, is " + prefetchBytes);
        return new JetStreamSource<>(options(), deserializer);
    }

    JetStreamSourceOptions options() {
        return new JetStreamSourceOptions(
                connection,
                stream,
                filterSubjects,
                startingPosition,
                stoppingPosition,
                gapPolicy,
                recreatedStreamPolicy,
                rewoundStreamPolicy,
                gapPolicySetting,
                recreatedStreamSetting,
                rewoundStreamSetting,
                consumingRetentionAllowed,
                uncoveredSubjectsAllowed,
                prefetchMessages,
                prefetchBytes,
                permit);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
