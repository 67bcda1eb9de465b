package io.ponix.bridge.mqtt;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Looks up the hosts of brokers before the client does: the client would do it on the threads that
 * all connections share, where one that nobody knows holds up the others for seconds. What is found
 * here the JVM remembers until the client asks for it.
 */
public final class HostLookup implements AutoCloseable {

    private static final int THREADS = 32;

    private final ExecutorService executor =
            Executors.newFixedThreadPool(
                    THREADS,
                    task -> {
                        Thread thread = new Thread(task, "host-lookup");
                        thread.setDaemon(true);
                        return thread;
                    });

    private final Map<String, CompletableFuture<Void>> underWay = new ConcurrentHashMap<>();

    /** Completed once the host is known, exceptionally with an {@link UnknownHostException}. */
    CompletableFuture<Void> find(String host) {
        CompletableFuture<Void> found =
                underWay.computeIfAbsent(
                        host, each -> CompletableFuture.runAsync(() -> ask(each), executor));
        found.whenComplete((done, failure) -> underWay.remove(host, found));
        return found;
    }

    private static void ask(String host) {
        try {
            InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new CompletionException(e);
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
