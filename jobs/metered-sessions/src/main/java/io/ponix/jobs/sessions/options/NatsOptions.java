package io.ponix.jobs.sessions.options;

import io.ponix.client.nats.NatsSettings;
import io.ponix.connector.nats.source.settings.GapPolicy;
import io.ponix.connector.nats.source.settings.RecreatedStreamPolicy;
import io.ponix.connector.nats.source.settings.RewoundStreamPolicy;
import io.ponix.jobs.options.NatsConnectionOptions;
import io.ponix.jobs.options.Problems;
import io.ponix.jobs.options.Retention;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where decoded envelopes come from, and where dead letters go. */
public final class NatsOptions {

    /** What JetStream allows. */
    private static final int MOST_REPLICAS = 5;

    @Mixin private NatsConnectionOptions connection;

    @Option(
            names = "--processed-envelopes-stream",
            paramLabel = "STREAM",
            defaultValue = "processed_envelopes",
            description =
                    "Stream of decoded readings, on <stream>.<device>, which is read."
                            + " PONIX_PROCESSED_ENVELOPES_STREAM")
    private String processedEnvelopesStream;

    @Option(
            names = "--nats-gap-policy",
            paramLabel = "fail|continue",
            defaultValue = "fail",
            description =
                    "What to do when the stream has dropped messages before they were read."
                            + " PONIX_NATS_GAP_POLICY")
    private GapPolicy gapPolicy;

    @Option(
            names = "--nats-recreated-stream",
            paramLabel = "fail|start-over|keep-position",
            defaultValue = "fail",
            description =
                    "What to do when the stream was deleted and created again: read the new one from its"
                            + " oldest message, or, if it continues the old one's sequences, at the position"
                            + " reached. PONIX_NATS_RECREATED_STREAM")
    private RecreatedStreamPolicy recreatedStreamPolicy;

    @Option(
            names = "--nats-rewound-stream",
            paramLabel = "reread|fail",
            defaultValue = "reread",
            description =
                    "What to do when the stream went back, having lost messages that were read: read on behind"
                            + " the last message that both histories share, or fail for good."
                            + " PONIX_NATS_REWOUND_STREAM")
    private RewoundStreamPolicy rewoundStreamPolicy;

    @Option(
            names = "--dead-letters-stream",
            paramLabel = "STREAM",
            defaultValue = "dead_letters",
            description =
                    "Stream of what is not understood, on <stream>.<REASON>."
                            + " PONIX_DEAD_LETTERS_STREAM")
    private String deadLettersStream;

    @Option(
            names = "--raw-retention",
            paramLabel = "DURATION|unlimited",
            defaultValue = "30 d",
            description =
                    "How long a stream of decoded readings that the job creates keeps them; longer than"
                            + " the longest outage. PONIX_RAW_RETENTION")
    private Retention rawRetention;

    @Option(
            names = "--dead-letter-retention",
            paramLabel = "DURATION|unlimited",
            defaultValue = "90 d",
            description =
                    "How long a stream of dead letters that the job creates keeps them."
                            + " PONIX_DEAD_LETTER_RETENTION")
    private Retention deadLetterRetention;

    @Option(
            names = "--nats-stream-replicas",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Replicas of the streams that the job creates; 3 in a cluster survive the loss of"
                            + " a server and of its disk. PONIX_NATS_STREAM_REPLICAS")
    private int streamReplicas;

    NatsOptions() {}

    /** How to reach the servers. */
    public NatsSettings connection() {
        return connection.settings();
    }

    /** The stream that is read, which is the first token of its subjects. */
    public String processedEnvelopesStream() {
        return processedEnvelopesStream;
    }

    /** What happens when messages were dropped before they were read. */
    public GapPolicy gapPolicy() {
        return gapPolicy;
    }

    /** What happens when the stream was deleted and created again. */
    public RecreatedStreamPolicy recreatedStreamPolicy() {
        return recreatedStreamPolicy;
    }

    /** What happens when the stream has lost messages that were read. */
    public RewoundStreamPolicy rewoundStreamPolicy() {
        return rewoundStreamPolicy;
    }

    /** The stream of dead letters. */
    public String deadLettersStream() {
        return deadLettersStream;
    }

    /** How long a created stream of decoded envelopes keeps them. */
    public Retention rawRetention() {
        return rawRetention;
    }

    /** How long a created stream of dead letters keeps them. */
    public Retention deadLetterRetention() {
        return deadLetterRetention;
    }

    /** Replicas of the streams that are created. */
    public int streamReplicas() {
        return streamReplicas;
    }

    void validate(Problems problems) {
        connection.validate(problems);
        problems.requireRange("--nats-stream-replicas", 1, MOST_REPLICAS, streamReplicas);
        problems.requireRetention("--raw-retention", rawRetention);
        problems.requireRetention("--dead-letter-retention", deadLetterRetention);
        problems.requireStreamName("--processed-envelopes-stream", processedEnvelopesStream);
        problems.requireStreamName("--dead-letters-stream", deadLettersStream);
        // Dead letters among envelopes would be read as such, and be dead letters again.
        problems.require(
                !deadLettersStream.equals(processedEnvelopesStream),
                "--dead-letters-stream",
                "a stream of its own",
                deadLettersStream);
    }
}
