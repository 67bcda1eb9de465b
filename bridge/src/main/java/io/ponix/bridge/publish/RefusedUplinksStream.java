package io.ponix.bridge.publish;

import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.time.Duration;

/**
 * Makes the stream of refused uplinks where it is missing; one that exists is never changed. It
 * keeps the newest of them: 14 days, 100,000 messages, 256 MB.
 */
public final class RefusedUplinksStream {

    private static final Duration KEPT = Duration.ofDays(14);
    private static final long MOST_MESSAGES = 100_000;
    private static final long MOST_BYTES = 256L << 20;
    private static final int STREAM_NOT_FOUND = 10059;

    private RefusedUplinksStream() {}

    /** Makes it where it is missing. */
    public static void ensure(JetStreamManagement management)
            throws IOException, JetStreamApiException {
        try {
            management.getStreamInfo(UplinkStore.REFUSED_STREAM);
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
                            .maxMessages(MOST_MESSAGES)
                            .maxBytes(MOST_BYTES)
                            .build());
        }
    }
}
