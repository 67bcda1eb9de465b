package io.ponix.bridge.publish;

import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the stream of refused uplinks where it is missing; one that exists is never changed. It
 * keeps the newest of them: of a gateway 10,000 messages, of all 14 days, 100,000 messages, 256 MB.
 * One gateway cannot fill it: see {@link LargeRefusals}.
 */
public final class RefusedUplinksStream {

    private static final Logger LOG = LoggerFactory.getLogger(RefusedUplinksStream.class);

    /** How long they are kept at most. */
    static final Duration KEPT = Duration.ofDays(14);

    private static final long MOST_OF_A_GATEWAY = 10_000;
    private static final long MOST_MESSAGES = 100_000;
    private static final long MOST_BYTES = 256L << 20;
    private static final int STREAM_NOT_FOUND = 10059;

    private RefusedUplinksStream() {}

    /** Makes it where it is missing. */
    public static void ensure(JetStreamManagement management)
            throws IOException, JetStreamApiException {
        try {
            StreamInfo existing = management.getStreamInfo(UplinkStore.REFUSED_STREAM);
            if (existing.getConfiguration().getMaxMsgsPerSubject() <= 0) {
                LOG.warn(
                        "The stream {} has no limit for each gateway, so that one may push out what"
                                + " is kept of the others: nats stream edit {}"
                                + " --max-msgs-per-subject={}",
                        UplinkStore.REFUSED_STREAM,
                        UplinkStore.REFUSED_STREAM,
                        MOST_OF_A_GATEWAY);
            }
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() != STREAM_NOT_FOUND) {
                throw e;
            }
            management.addStream(
                    StreamConfiguration.builder()
                            .name(UplinkStore.REFUSED_STREAM)
                            .subjects(UplinkStore.REFUSED_STREAM + ".*")
                            .storageType(StorageType.File)
                            .discardPolicy(DiscardPolicy.Old)
                            .maxAge(KEPT)
                            // A gateway is a subject.
                            .maxMessagesPerSubject(MOST_OF_A_GATEWAY)
                            .maxMessages(MOST_MESSAGES)
                            .maxBytes(MOST_BYTES)
                            .build());
        }
    }
}
