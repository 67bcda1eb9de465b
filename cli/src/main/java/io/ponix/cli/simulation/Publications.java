package io.ponix.cli.simulation;

import io.ponix.cli.program.CommandException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What is on its way to a server: up to {@value #IN_FLIGHT} publications wait for their
 * acknowledgement at a time. With patience one that is not acknowledged is published again until it
 * is. For one thread.
 *
 * @param <A> an acknowledgement
 */
final class Publications<A> {

    private static final int IN_FLIGHT = 2_000;
    private static final Duration ACKNOWLEDGED_WITHIN = Duration.ofSeconds(5);
    private static final Duration PAUSE_BEFORE_REPEAT = Duration.ofMillis(100);

    private final Duration patience;
    private final Function<Throwable, CommandException> refusal;
    private final Deque<Publication<A>> pending = new ArrayDeque<>(IN_FLIGHT);

    private record Publication<A>(
            Supplier<CompletableFuture<A>> attempt,
            Consumer<A> acknowledged,
            CompletableFuture<A> answer) {}

    /**
     * @param patience how long a publication is repeated before it counts as refused; zero for not
     *     at all, and then the answer itself says when it is overdue
     * @param refusal what to throw then, by its cause
     */
    Publications(Duration patience, Function<Throwable, CommandException> refusal) {
        this.patience = patience;
        this.refusal = refusal;
    }

    /**
     * Publishes, once there is room.
     *
     * @param attempt publishes; called again for a repetition
     * @param acknowledged told of the acknowledgement; of several in the order of publishing
     */
    void add(Supplier<CompletableFuture<A>> attempt, Consumer<A> acknowledged) {
        if (pending.size() == IN_FLIGHT) {
            await(pending.remove());
        }
        while (!pending.isEmpty() && pending.peek().answer().isDone()) {
            await(pending.remove());
        }
        pending.add(new Publication<>(attempt, acknowledged, attempt.get()));
    }

    /** Waits until everything is acknowledged. */
    void flush() {
        while (!pending.isEmpty()) {
            await(pending.remove());
        }
    }

    private void await(Publication<A> publication) {
        long deadline = System.nanoTime() + patience.toNanos();
        CompletableFuture<A> answer = publication.answer();
        try {
            for (int repeats = 0; ; repeats++) {
                try {
                    publication.acknowledged().accept(await(answer));
                    return;
                } catch (ExecutionException | CancellationException | TimeoutException e) {
                    if (System.nanoTime() >= deadline) {
                        throw refusal.apply(e.getCause() == null ? e : e.getCause());
                    }
                }
                // After an outage thousands are to be repeated, each at once.
                if (repeats > 0) {
                    Thread.sleep(PAUSE_BEFORE_REPEAT.toMillis());
                }
                answer = publication.attempt().get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }

    private A await(CompletableFuture<A> answer)
            throws InterruptedException, ExecutionException, TimeoutException {
        return patience.isZero()
                ? answer.get()
                : answer.get(ACKNOWLEDGED_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    }
}
