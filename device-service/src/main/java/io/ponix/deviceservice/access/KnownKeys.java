package io.ponix.deviceservice.access;

import io.ponix.deviceservice.request.RequestException;
import io.ponix.registry.ApiKeyRow;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The keys that are valid, as they were a moment ago, so that a call costs no query.
 *
 * <p><b>Guarantee.</b> A key that was revoked, wherever that was done, is not found {@value
 * #TRUSTED_SECONDS} seconds later. One that was made elsewhere is found {@value
 * #UNKNOWN_FOR_MILLIS} ms later. However many ask, and whatever for, the table is read by one at a
 * time, and for keys that are not there no more often than that. Without the database nothing is
 * found: the callers get its error.
 */
final class KnownKeys {

    private static final long TRUSTED_SECONDS = 4;
    private static final long UNKNOWN_FOR_MILLIS = 250;

    private static final Duration TRUSTED = Duration.ofSeconds(TRUSTED_SECONDS);
    private static final Duration UNKNOWN_FOR = Duration.ofMillis(UNKNOWN_FOR_MILLIS);

    private final ApiKeyRepository repository;

    private volatile Snapshot snapshot;

    /** Of the thread that reads, for those who come meanwhile; {@code null} while none does. */
    private CompletableFuture<Snapshot> reading;

    /** How often what was read before became void. */
    private int generation;

    KnownKeys(ApiKeyRepository repository) {
        this.repository = repository;
        forget();
    }

    /**
     * What was in the table.
     *
     * @param askedAt by {@link System#nanoTime}, before it was read
     */
    private record Snapshot(Map<String, ApiKeyRow> keys, long askedAt) {

        boolean isOlderThan(Duration age) {
            return System.nanoTime() - askedAt > age.toNanos();
        }
    }

    /**
     * Returns the key with that id if it is valid now.
     *
     * @throws RequestException when the database does not tell
     */
    Optional<ApiKeyRow> find(String id) {
        Snapshot known = snapshot;
        if (known.isOlderThan(TRUSTED)) {
            known = read();
        }
        ApiKeyRow key = known.keys().get(id);
        if (key == null && known.isOlderThan(UNKNOWN_FOR)) {
            key = read().keys().get(id);
        }
        Instant now = Instant.now();
        return Optional.ofNullable(key)
                .filter(row -> row.expiresAt().map(now::isBefore).orElse(true));
    }

    /** Has the next caller read the table: it was changed here. */
    synchronized void forget() {
        // What is being read may be from before.
        reading = null;
        generation++;
        snapshot = new Snapshot(Map.of(), System.nanoTime() - TRUSTED.multipliedBy(2).toNanos());
    }

    private Snapshot read() {
        CompletableFuture<Snapshot> result;
        boolean isOthers;
        int begunIn;
        synchronized (this) {
            begunIn = generation;
            isOthers = reading != null;
            if (!isOthers) {
                reading = new CompletableFuture<>();
            }
            result = reading;
        }
        if (!isOthers) {
            complete(result, begunIn);
        }
        try {
            return result.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RequestException refusal) {
                throw refusal;
            }
            throw e;
        }
    }

    private void complete(CompletableFuture<Snapshot> result, int begunIn) {
        try {
            long askedAt = System.nanoTime();
            Snapshot read =
                    new Snapshot(
                            repository.valid(Instant.now()).stream()
                                    .collect(
                                            Collectors.toMap(
                                                    ApiKeyRow::keyId, Function.identity())),
                            askedAt);
            synchronized (this) {
                if (generation == begunIn) {
                    snapshot = read;
                }
            }
            result.complete(read);
        } catch (RuntimeException e) {
            result.completeExceptionally(e);
        } finally {
            synchronized (this) {
                if (reading == result) {
                    reading = null;
                }
            }
            // Nobody waits for ever, whatever was thrown.
            result.completeExceptionally(new IllegalStateException("not read"));
        }
    }
}
