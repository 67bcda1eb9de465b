package io.ponix.embedded.process;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Several things at once. */
public final class Concurrently {

    private Concurrently() {}

    /**
     * Runs all actions, each on a thread of its own, waits for all of them, and then throws the
     * first failure, if any.
     */
    public static void run(List<Runnable> actions) {
        if (actions.isEmpty()) {
            return;
        }
        ExecutorService executor = Executors.newFixedThreadPool(actions.size());
        RuntimeException failure = null;
        try {
            List<Future<?>> futures = new ArrayList<>();
            actions.forEach(action -> futures.add(executor.submit(action)));
            for (Future<?> future : futures) {
                try {
                    future.get();
                } catch (ExecutionException e) {
                    failure = merge(failure, e.getCause());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure =
                    merge(
                            failure,
                            new EmbeddedProcessException(
                                    "Interrupted while starting or stopping processes", e));
        } finally {
            executor.shutdownNow();
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static RuntimeException merge(RuntimeException first, Throwable next) {
        if (first != null) {
            first.addSuppressed(next);
            return first;
        }
        return next instanceof RuntimeException runtime ? runtime : new IllegalStateException(next);
    }
}
