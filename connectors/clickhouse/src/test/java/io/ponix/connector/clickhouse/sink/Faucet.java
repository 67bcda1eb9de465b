package io.ponix.connector.clickhouse.sink;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiter;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;

/**
 * Lets a source emit as many records as a test allows, and no more: what is under way at a fault is
 * then no matter of speed. Records that are emitted again after a restart count again. For jobs in
 * the test's own JVM, one at a time.
 */
final class Faucet implements RateLimiterStrategy<SourceSplit> {

    private static final long serialVersionUID = 1L;

    private static final List<CompletableFuture<Void>> WAITING = new ArrayList<>();
    private static long allowed;

    private static synchronized CompletionStage<Void> acquire(int records) {
        if (allowed >= records) {
            allowed -= records;
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> turn = new CompletableFuture<>();
        WAITING.add(turn);
        return turn.thenCompose(woken -> acquire(records));
    }

    /** Allows that many records more. */
    static void allow(long records) {
        List<CompletableFuture<Void>> woken;
        synchronized (Faucet.class) {
            allowed += records;
            woken = List.copyOf(WAITING);
            WAITING.clear();
        }
        woken.forEach(turn -> turn.complete(null));
    }

    /** Allows nothing. */
    static synchronized void shut() {
        allowed = 0;
        WAITING.clear();
    }

    @Override
    public RateLimiter<SourceSplit> createRateLimiter(int parallelism) {
        return Faucet::acquire;
    }
}
