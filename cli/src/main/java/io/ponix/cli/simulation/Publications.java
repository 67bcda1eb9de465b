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
 * What is on its way to a server: so many publications wait for their acknowledgement at a time.
 * With patience one that is not acknowledged is published again until it is, unless a {@link
 * CommandException} says that it never will be, and not before a {@link RetryLaterException} allows
 * it. For one thread.
 *
 * @param <A> an acknowledgement
 */
final class Publications<A> {

    /** Where the server sets no limit of its own. */
    static final int IN_FLIGHT = 2_000;

    private static final Duration ACKNOWLEDGED_WITHIN = Duration.ofSeconds(5);
    private static final Duration PAUSE_BEFORE_REPEAT = Duration.ofMillis(100);

    private final int mostInFlight;
    private final Duration patience;
    private final Function<Throwable, CommandException> refusal;
    private final Deque<Publication<A>> pending = new ArrayDeque<>();

    private record Publication<A>(
            Supplier<CompletableFuture<A>> attempt,
            Consumer<A> acknowledged,
            CompletableFuture<A> answer) {}

    /**
     * @param mostInFlight at least 1
     * @param patience how long a publication is repeated before it counts as refused; zero for not
     *     at all, and then the answer itself says when it is overdue
     * @param refusal what to throw then, by its cause
     */
    Publications(
            int mostInFlight, Duration patience, Function<Throwable, CommandException> refusal) {
        this.mostInFlight = mostInFlight;
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
        if (pending.size() == mostInFlight) {
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
                // After an outage thousands are to be repeated, each at once.
                long pause = repeats == 0 ? 0 : PAUSE_BEFORE_REPEAT.toNanos();
                try {
                    publication.acknowledged().accept(await(answer));
                    return;
                } catch (ExecutionException | CancellationException | TimeoutException e) {
                    if (e.getCause() instanceof CommandException never) {
                        throw never;
                    }
                    if (System.nanoTime() >= deadline) {
                        throw refusal.apply(e.getCause() == null ? e : e.getCause());
                    }
                    if (e.getCause() instanceof RetryLaterException later) {
                        pause = Math.max(pause, later.nanosLeft());
                    }
                }
                TimeUnit.NANOSECONDS.sleep(pause);
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
