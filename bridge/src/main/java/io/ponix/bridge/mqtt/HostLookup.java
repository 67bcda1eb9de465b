package io.ponix.bridge.mqtt;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Looks up the hosts of brokers before the client does: the client would do it on the threads that
 * all connections share, where one that nobody knows holds up the others for seconds. What is found
 * here the JVM remembers until the client asks for it.
 *
 * <p>Hosts that were unknown the last time have threads of their own: however many they are, and
 * however long it takes to hear so again, they hold up nobody else.
 */
public final class HostLookup implements AutoCloseable {

    private static final int THREADS = 32;
    private static final int THREADS_FOR_UNKNOWN = 8;

    private final Resolver resolver;
    private final ExecutorService executor = threads(THREADS);
    private final ExecutorService executorForUnknown = threads(THREADS_FOR_UNKNOWN);
    private final Set<String> unknown = ConcurrentHashMap.newKeySet();
    private final Map<String, CompletableFuture<Void>> underWay = new ConcurrentHashMap<>();

    /** Knows hosts. */
    interface Resolver {

        /** Returns if there is such a host. */
        void find(String host) throws UnknownHostException;
    }

    public HostLookup() {
        this(InetAddress::getByName);
    }

    HostLookup(Resolver resolver) {
        this.resolver = resolver;
    }

    private static ExecutorService threads(int count) {
        return Executors.newFixedThreadPool(
                count,
                task -> {
                    Thread thread = new Thread(task, "host-lookup");
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /** Completed once the host is known, exceptionally with an {@link UnknownHostException}. */
    CompletableFuture<Void> find(String host) {
        CompletableFuture<Void> found =
                underWay.computeIfAbsent(
                        host,
                        each ->
                                CompletableFuture.runAsync(
                                        () -> ask(each),
                                        unknown.contains(each) ? executorForUnknown : executor));
        found.whenComplete((done, failure) -> underWay.remove(host, found));
        return found;
    }

    private void ask(String host) {
        try {
            resolver.find(host);
            unknown.remove(host);
        } catch (UnknownHostException e) {
            unknown.add(host);
            throw new CompletionException(e);
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
        executorForUnknown.shutdownNow();
    }
}
