package io.ponix.connector.nats.source.settings;

import io.ponix.client.nats.NatsSettings;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.apache.flink.annotation.Internal;

/**
 * The validated settings of a source, for its enumerator and readers.
 *
 * @param connection how to reach the server
 * @param stream name of the stream
 * @param filterSubjects filter subjects, one per split
 * @param startingPosition where splits without state begin
 * @param stoppingPosition where splits end
 * @param gapPolicy what to do about messages that are gone
 * @param recreatedStreamPolicy what to do about a stream that was created again
 * @param rewoundStreamPolicy what to do about a stream that went back
 * @param gapPolicySetting what a person changes so that messages that are gone are done without
 * @param recreatedStreamSetting what a person changes so that a stream that was created again is
 *     read
 * @param rewoundStreamSetting what a person changes so that a stream that went back is read
 * @param consumingRetentionAllowed whether streams with Interest retention are accepted
 * @param uncoveredSubjectsAllowed whether the filters may leave some of the stream's subjects
 *     unread
 * @param prefetchMessages most messages of one split that are held before the task takes them
 * @param prefetchBytes most bytes one request of a split may bring
 * @param permitOrNull what has to allow the job to read; null for nothing
 */
@Internal
public record JetStreamSourceOptions(
        NatsSettings connection,
        String stream,
        List<String> filterSubjects,
        StartingPosition startingPosition,
        StoppingPosition stoppingPosition,
        GapPolicy gapPolicy,
        RecreatedStreamPolicy recreatedStreamPolicy,
        RewoundStreamPolicy rewoundStreamPolicy,
        String gapPolicySetting,
        String recreatedStreamSetting,
        String rewoundStreamSetting,
        boolean consumingRetentionAllowed,
        boolean uncoveredSubjectsAllowed,
        int prefetchMessages,
        long prefetchBytes,
        SourcePermit permitOrNull)
        implements Serializable {

    /** Copies what could change. */
    public JetStreamSourceOptions {
        filterSubjects = List.copyOf(filterSubjects);
    }

    /** What has to allow the job to read, if anything. */
    public Optional<SourcePermit> permit() {
        return Optional.ofNullable(permitOrNull);
    }
}
