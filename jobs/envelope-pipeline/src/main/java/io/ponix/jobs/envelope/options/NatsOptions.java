package io.ponix.jobs.envelope.options;

import io.ponix.connector.nats.NatsConnectionConfiguration;
import io.ponix.connector.nats.source.GapPolicy;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Where envelopes come from, and where dead letters go. */
public final class NatsOptions {

    private static final int MOST_PARTITIONS = 256;

    @Option(
            names = "--nats-url",
            paramLabel = "URL",
            defaultValue = "nats://localhost:4222",
            description = "NATS servers, separated by commas; tls:// for TLS. PONIX_NATS_URL")
    private String url;

    @Option(
            names = "--nats-username",
            paramLabel = "NAME",
            defaultValue = "",
            description = "User, if the server wants one. PONIX_NATS_USERNAME")
    private String username;

    @Option(
            names = "--nats-password",
            paramLabel = "SECRET",
            defaultValue = "",
            description =
                    "Password. Better given as PONIX_NATS_PASSWORD: others see a command line")
    private String password;

    @Option(
            names = "--nats-credentials-file",
            paramLabel = "FILE",
            defaultValue = "",
            description =
                    "Credentials file, on every machine of the cluster."
                            + " PONIX_NATS_CREDENTIALS_FILE")
    private String credentialsFile;

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

    NatsOptions() {}

    /** How to reach the servers. */
    public NatsConnectionConfiguration connection() {
        NatsConnectionConfiguration.Builder builder =
                NatsConnectionConfiguration.builder().servers(url);
        if (!username.isEmpty()) {
            builder.userAndPassword(username, password);
        }
        if (!credentialsFile.isEmpty()) {
            builder.credentialsFile(credentialsFile);
        }
        return builder.build();
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

    void validate(Problems problems) {
        problems.requireText("--nats-url", url);
        problems.require(
                username.isEmpty() || credentialsFile.isEmpty(),
                "--nats-credentials-file",
                "left out when --nats-username is given",
                credentialsFile);
        problems.require(
                password.isEmpty() || !username.isEmpty(),
                "--nats-username",
                "given with --nats-password",
                username);
        problems.requireStreamName("--nats-raw-stream", rawStream);
        problems.requireRange("--nats-raw-partitions", 1, MOST_PARTITIONS, rawPartitions);
        problems.requireStreamName("--dead-letters-stream", deadLettersStream);
        problems.requireStreamName("--processed-envelopes-stream", processedEnvelopesStream);
    }
}
