package io.ponix.connector.nats.source;

import io.ponix.client.nats.NatsSettings;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.apache.flink.annotation.Internal;

/** The validated settings of a {@link JetStreamSource}, for its enumerator and readers. */
@Internal
public final class JetStreamSourceOptions implements Serializable {

    private static final long serialVersionUID = 1L;

    private final NatsSettings connection;
    private final String stream;
    private final List<String> filterSubjects;
    private final StartingPosition startingPosition;
    private final StoppingPosition stoppingPosition;
    private final GapPolicy gapPolicy;
    private final RecreatedStreamPolicy recreatedStreamPolicy;
    private final RewoundStreamPolicy rewoundStreamPolicy;
    private final String gapPolicySetting;
    private final String recreatedStreamSetting;
    private final String rewoundStreamSetting;
    private final boolean consumingRetentionAllowed;
    private final boolean uncoveredSubjectsAllowed;
    private final int prefetchMessages;
    private final long prefetchBytes;
    private final SourcePermit permit;

    JetStreamSourceOptions(JetStreamSourceBuilder<?> builder) {
        connection = builder.connection;
        stream = builder.stream;
        filterSubjects = List.copyOf(builder.filterSubjects);
        startingPosition = builder.startingPosition;
        stoppingPosition = builder.stoppingPosition;
        gapPolicy = builder.gapPolicy;
        recreatedStreamPolicy = builder.recreatedStreamPolicy;
        rewoundStreamPolicy = builder.rewoundStreamPolicy;
        gapPolicySetting = builder.gapPolicySetting;
        recreatedStreamSetting = builder.recreatedStreamSetting;
        rewoundStreamSetting = builder.rewoundStreamSetting;
        consumingRetentionAllowed = builder.consumingRetentionAllowed;
        uncoveredSubjectsAllowed = builder.uncoveredSubjectsAllowed;
        prefetchMessages = builder.prefetchMessages;
        prefetchBytes = builder.prefetchBytes;
        permit = builder.permit;
    }

    /** How to reach the server. */
    public NatsSettings connection() {
        return connection;
    }

    /** Name of the stream. */
    public String stream() {
        return stream;
    }

    /** Filter subjects, one per split. */
    public List<String> filterSubjects() {
        return filterSubjects;
    }

    /** Where splits without state begin. */
    public StartingPosition startingPosition() {
        return startingPosition;
    }

    /** Where splits end. */
    public StoppingPosition stoppingPosition() {
        return stoppingPosition;
    }

    /** What to do about messages that are gone. */
    public GapPolicy gapPolicy() {
        return gapPolicy;
    }

    /** What to do about a stream that was created again. */
    public RecreatedStreamPolicy recreatedStreamPolicy() {
        return recreatedStreamPolicy;
    }

    /** What to do about a stream that went back. */
    public RewoundStreamPolicy rewoundStreamPolicy() {
        return rewoundStreamPolicy;
    }

    /** What a person changes so that messages that are gone are done without. */
    public String gapPolicySetting() {
        return gapPolicySetting;
    }

    /** What a person changes so that a stream that was created again is read. */
    public String recreatedStreamSetting() {
        return recreatedStreamSetting;
    }

    /** What a person changes so that a stream that went back is read. */
    public String rewoundStreamSetting() {
        return rewoundStreamSetting;
    }

    /** Whether streams with Interest retention are accepted. */
    public boolean consumingRetentionAllowed() {
        return consumingRetentionAllowed;
    }

    /** Whether the filters may leave some of the stream's subjects unread. */
    public boolean uncoveredSubjectsAllowed() {
        return uncoveredSubjectsAllowed;
    }

    /** Most messages of one split that are held before the task takes them. */
    public int prefetchMessages() {
        return prefetchMessages;
    }

    /** Most bytes one request of a split may bring. */
    public long prefetchBytes() {
        return prefetchBytes;
    }

    /** What has to allow the job to read, if anything. */
    public Optional<SourcePermit> permit() {
        return Optional.ofNullable(permit);
    }
}
