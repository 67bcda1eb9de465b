package io.ponix.bridge.orchestration;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.KeyValue;
import io.nats.client.api.KeyValueConfiguration;
import io.nats.client.api.StorageType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Which of the bridges connects to the gateways without a subscription group: the one that holds
 * the key, which is gone {@value #SECONDS} s after its holder. While NATS is away nobody can take
 * it, and its holder goes on.
 */
final class UnsharedLease {

    private static final String BUCKET = "ponix_bridges";
    private static final String KEY = "unshared";
    private static final int SECONDS = 10;
    private static final int BUCKET_NOT_FOUND = 10059;
    private static final int WRONG_LAST_SEQUENCE = 10071;

    private final Connection connection;
    private final byte[] holder;
    private KeyValue bucket;
    private long revision;

    /**
     * @param holder tells this process from every other one
     */
    UnsharedLease(Connection connection, String holder) {
        this.connection = connection;
        this.holder = holder.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Takes it, or holds it on. To be called more often than every {@value #SECONDS} s.
     *
     * @return whether it is ours
     */
    boolean hold() throws IOException, JetStreamApiException {
        if (bucket == null) {
            bucket = bucket();
        }
        try {
            revision =
                    revision == 0
                            ? bucket.create(KEY, holder)
                            : bucket.update(KEY, holder, revision);
            return true;
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() != WRONG_LAST_SEQUENCE) {
                bucket = null;
                throw e;
            }
            // Another's, or one of ours that has ended meanwhile, which is taken the next time.
            revision = 0;
            return false;
        }
    }

    private KeyValue bucket() throws IOException, JetStreamApiException {
        try {
            connection.keyValueManagement().getStatus(BUCKET);
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() != BUCKET_NOT_FOUND) {
                throw e;
            }
            connection
                    .keyValueManagement()
                    .create(
                            KeyValueConfiguration.builder()
                                    .name(BUCKET)
                                    .ttl(Duration.ofSeconds(SECONDS))
                                    .storageType(StorageType.File)
                                    .build());
        }
        return connection.keyValue(BUCKET);
    }

    /** Gives it to whoever wants it. */
    void release() throws IOException, JetStreamApiException {
        if (revision != 0 && bucket != null) {
            bucket.delete(KEY, revision);
            revision = 0;
        }
    }
}
