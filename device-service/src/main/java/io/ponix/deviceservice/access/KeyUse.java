package io.ponix.deviceservice.access;

import io.ponix.deviceservice.request.RequestException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notes in the table when keys were last used, to the minute: no more often than that, and not
 * while a caller waits.
 */
final class KeyUse {

    private static final Logger LOG = LoggerFactory.getLogger(KeyUse.class);

    private static final Duration PRECISION = Duration.ofMinutes(1);

    private final ApiKeyRepository repository;

    /** When the last use was noted, by {@link System#nanoTime}, of keys that are valid. */
    private final Map<String, Long> noted = new ConcurrentHashMap<>();

    KeyUse(ApiKeyRepository repository) {
        this.repository = repository;
    }

    void note(String keyId, Executor background) {
        long now = System.nanoTime();
        Long last = noted.get(keyId);
        if (last != null && now - last < PRECISION.toNanos()) {
            return;
        }
        boolean isMine =
                last == null
                        ? noted.putIfAbsent(keyId, now) == null
                        : noted.replace(keyId, last, now);
        if (isMine) {
            Instant time = Instant.now();
            background.execute(() -> write(keyId, time));
        }
    }

    private void write(String keyId, Instant time) {
        try {
            repository.used(keyId, time);
        } catch (RequestException e) {
            LOG.debug("The use of the key {} was not noted", keyId, e);
        }
    }
}
