package io.ponix.bridge.mqtt;

import io.reactivex.Completable;
import io.reactivex.Single;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Answers of the client as futures, overdue after a while. */
final class Futures {

    private static final long OVERDUE_SECONDS = 30;

    private Futures() {}

    static <T> CompletableFuture<T> of(Single<T> answer) {
        CompletableFuture<T> future = new CompletableFuture<>();
        answer.subscribe(future::complete, future::completeExceptionally);
        return future.orTimeout(OVERDUE_SECONDS, TimeUnit.SECONDS);
    }

    static CompletableFuture<Void> of(Completable answer) {
        CompletableFuture<Void> future = new CompletableFuture<>();
        answer.subscribe(() -> future.complete(null), future::completeExceptionally);
        return future.orTimeout(OVERDUE_SECONDS, TimeUnit.SECONDS);
    }
}
