package io.ponix.bridge.intake;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;

/**
 * Threads for what may take long, which gateways share. The tasks of one gateway run one after the
 * other, in their order; gateways take turns. The tasks of one whose tasks are long run in a thread
 * for such alone: however many burn whatever they may, they hold up each other and nobody else.
 */
public final class EvaluationThreads implements AutoCloseable {

    private static final int FEWEST_THREADS = 2;

    /**
     * Of processor time, on the average of the last few; a hundred times as long as evaluations
     * take. The first ones in a process take longer, and are forgotten after a few more. On a busy
     * machine the clock would tell more of the others than of the task.
     */
    private static final long LONG_NANOS = Duration.ofMillis(10).toNanos();

    private static final int AVERAGED = 8;

    private static final long TURN_NANOS = Duration.ofMillis(10).toNanos();

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Map<String, Tasks> tasksOfGateways = new HashMap<>();
    private final ExecutorService threads =
            threads(Math.max(FEWEST_THREADS, Runtime.getRuntime().availableProcessors()), "intake");
    private final ExecutorService threadForLong = threads(1, "long-intake");

    /** Of one gateway. Guarded by this. */
    private static final class Tasks {
        private final Queue<Runnable> waiting = new ArrayDeque<>();
        private boolean hasTurn;
        private long averageNanos;

        boolean areLong() {
            return averageNanos > LONG_NANOS;
        }
    }

    private static ExecutorService threads(int count, String name) {
        return Executors.newFixedThreadPool(
                count,
                task -> {
                    Thread thread = new Thread(task, name);
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /**
     * Has a task of a gateway run.
     *
     * @param task raises nothing
     */
    public void execute(String gatewayId, Runnable task) {
        synchronized (this) {
            Tasks tasks = tasksOfGateways.computeIfAbsent(gatewayId, id -> new Tasks());
            tasks.waiting.add(task);
            if (!tasks.hasTurn) {
                tasks.hasTurn = true;
                goOn(gatewayId, tasks);
            }
        }
    }

    private void goOn(String gatewayId, Tasks tasks) {
        try {
            (tasks.areLong() ? threadForLong : threads).execute(() -> turn(gatewayId, tasks));
        } catch (RejectedExecutionException e) {
            // Closed: what is not stored is not acknowledged, and comes again.
        }
    }

    private void turn(String gatewayId, Tasks tasks) {
        long began = THREADS.getCurrentThreadCpuTime();
        long before = began;
        while (true) {
            Runnable task = next(gatewayId, tasks);
            if (task == null) {
                return;
            }
            task.run();
            long now = THREADS.getCurrentThreadCpuTime();
            synchronized (this) {
                tasks.averageNanos += (now - before - tasks.averageNanos) / AVERAGED;
                if (now - began > TURN_NANOS) {
                    goOn(gatewayId, tasks);
                    return;
                }
            }
            before = now;
        }
    }

    private synchronized Runnable next(String gatewayId, Tasks tasks) {
        Runnable task = tasks.waiting.poll();
        if (task == null) {
            tasks.hasTurn = false;
            if (!tasks.areLong()) {
                tasksOfGateways.remove(gatewayId);
            }
        }
        return task;
    }

    /** Ends the threads; what waits is not run. */
    @Override
    public void close() {
        threads.shutdownNow();
        threadForLong.shutdownNow();
    }
}
