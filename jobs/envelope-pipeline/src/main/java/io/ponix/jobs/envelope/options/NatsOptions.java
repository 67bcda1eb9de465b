package io.ponix.jobs.envelope.options;

import io.ponix.client.nats.NatsSettings;
import io.ponix.connector.nats.source.settings.GapPolicy;
import io.ponix.connector.nats.source.settings.RecreatedStreamPolicy;
import io.ponix.connector.nats.source.settings.RewoundStreamPolicy;
import io.ponix.jobs.envelope.announcements.AnnouncedTable;
import io.ponix.jobs.options.NatsConnectionOptions;
import io.ponix.jobs.options.Problems;
import io.ponix.jobs.options.Retention;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where envelopes come from, and where dead letters go. */
public final class NatsOptions {

    private static final int MOST_PARTITIONS = 256;

    /** What JetStream allows. */
    private static final int MOST_REPLICAS = 5;

    @Mixin private NatsConnectionOptions connection;

    @Option(
            names = "--nats-raw-stream",
            paramLabel = "STREAM",
            defaultValue = "raw_envelopes",
            description =
                    "Stream of raw envelopes, and first token of its subjects."
                            + " PONIX_NATS_RAW_STREAM")
    private String rawStream;

    @Option(
            names = "--nats-raw-partitions",
            paramLabel = "N",
            defaultValue = "8",
            description =
                    "Partitions that the server's subject mapping spreads devices over: the most"
                            + " instances that read in parallel. PONIX_NATS_RAW_PARTITIONS")
    private int rawPartitions;

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
                    "Stream of envelopes that do not become rows, on <stream>.<REASON>."
                            + " PONIX_DEAD_LETTERS_STREAM")
    private String deadLettersStream;

    @Option(
            names = "--publish-processed-envelopes",
            paramLabel = "true|false",
            arity = "0..1",
            fallbackValue = "true",
            defaultValue = "false",
            description =
                    "Publish every decoded reading to NATS as well."
                            + " PONIX_PUBLISH_PROCESSED_ENVELOPES")
    private boolean publishProcessedEnvelopes;

    @Option(
            names = "--processed-envelopes-stream",
            paramLabel = "STREAM",
            defaultValue = "processed_envelopes",
            description =
                    "Stream of decoded readings, on <stream>.<device>."
                            + " PONIX_PROCESSED_ENVELOPES_STREAM")
    private String processedEnvelopesStream;

    @Option(
            names = "--publish-gateway-changes",
            paramLabel = "true|false",
            arity = "0..1",
            fallbackValue = "true",
            defaultValue = "true",
            description =
                    "Announce changes of gateways to bridges. Those that happen while it is false"
                            + " are never announced. PONIX_PUBLISH_GATEWAY_CHANGES")
    private boolean publishGatewayChanges;

    @Option(
            names = "--nats-gateway-stream",
            paramLabel = "STREAM",
            defaultValue = "gateways",
            description =
                    "Stream of changes of gateways, on <stream>.create, .update and .delete."
                            + " PONIX_NATS_GATEWAY_STREAM")
    private String gatewayStream;

    @Option(
            names = "--publish-registry-changes",
            paramLabel = "true|false",
            arity = "0..1",
            fallbackValue = "true",
            defaultValue = "false",
            description =
                    "Announce changes of organizations, end devices and end device definitions as"
                            + " well. Those that happen while it is false are never announced."
                            + " PONIX_PUBLISH_REGISTRY_CHANGES")
    private boolean publishRegistryChanges;

    @Option(
            names = "--nats-organization-stream",
            paramLabel = "STREAM",
            defaultValue = "organizations",
            description =
                    "Stream of changes of organizations, on <stream>.create, .update and .delete."
                            + " PONIX_NATS_ORGANIZATION_STREAM")
    private String organizationStream;

    @Option(
            names = "--nats-end-device-stream",
            paramLabel = "STREAM",
            defaultValue = "end_devices",
            description =
                    "Stream of changes of end devices, on <stream>.create, .update and .delete."
                            + " PONIX_NATS_END_DEVICE_STREAM")
    private String endDeviceStream;

    @Option(
            names = "--nats-end-device-definition-stream",
            paramLabel = "STREAM",
            defaultValue = "end_device_definitions",
            description =
                    "Stream of changes of end device definitions, on <stream>.create, .update and"
                            + " .delete. PONIX_NATS_END_DEVICE_DEFINITION_STREAM")
    private String endDeviceDefinitionStream;

    @Option(
            names = "--raw-retention",
            paramLabel = "DURATION|unlimited",
            defaultValue = "30 d",
            description =
                    "How long streams of envelopes that the job creates keep them, raw ones and decoded"
                            + " readings; longer than the longest outage. PONIX_RAW_RETENTION")
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

    /** The stream of raw envelopes, which is the first token of its subjects. */
    public String rawStream() {
        return rawStream;
    }

    /**
     * The subjects of the raw stream, one per split: one for each partition of the server's
     * mapping, and one for messages of a server without a mapping. The stream stores nothing else,
     * so that nothing is left unread.
     */
    public List<String> rawSubjects() {
        List<String> subjects = new ArrayList<>();
        for (int partition = 0; partition < rawPartitions; partition++) {
            subjects.add(rawStream + "." + partition + ".*");
        }
        subjects.add(rawStream + ".*");
        return subjects;
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

    /** Whether decoded readings are published, too. */
    public boolean publishProcessedEnvelopes() {
        return publishProcessedEnvelopes;
    }

    /** The stream of decoded readings. */
    public String processedEnvelopesStream() {
        return processedEnvelopesStream;
    }

    /** The tables whose changes are announced, each with the stream of its changes. */
    public Map<AnnouncedTable, String> announcements() {
        Map<AnnouncedTable, String> streams = new EnumMap<>(AnnouncedTable.class);
        if (publishGatewayChanges) {
            streams.put(AnnouncedTable.GATEWAYS, gatewayStream);
        }
        if (publishRegistryChanges) {
            streams.put(AnnouncedTable.ORGANIZATIONS, organizationStream);
            streams.put(AnnouncedTable.END_DEVICES, endDeviceStream);
            streams.put(AnnouncedTable.END_DEVICE_DEFINITIONS, endDeviceDefinitionStream);
        }
        return streams;
    }

    /** How long created streams of raw envelopes and decoded readings keep them. */
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
        problems.requireRange("--nats-raw-partitions", 1, MOST_PARTITIONS, rawPartitions);
        // Dead letters among raw envelopes would be read as such, and be dead letters again.
        Set<String> taken = new HashSet<>();
        requireStreamOfItsOwn("--nats-raw-stream", rawStream, taken, problems);
        requireStreamOfItsOwn("--dead-letters-stream", deadLettersStream, taken, problems);
        requireStreamOfItsOwn(
                "--processed-envelopes-stream", processedEnvelopesStream, taken, problems);
        requireStreamOfItsOwn("--nats-gateway-stream", gatewayStream, taken, problems);
        if (publishRegistryChanges) {
            requireStreamOfItsOwn(
                    "--nats-organization-stream", organizationStream, taken, problems);
            requireStreamOfItsOwn("--nats-end-device-stream", endDeviceStream, taken, problems);
            requireStreamOfItsOwn(
                    "--nats-end-device-definition-stream",
                    endDeviceDefinitionStream,
                    taken,
                    problems);
        }
    }

    private static void requireStreamOfItsOwn(
            String option, String stream, Set<String> taken, Problems problems) {
        problems.requireStreamName(option, stream);
        problems.require(taken.add(stream), option, "a stream of its own", stream);
    }
}
