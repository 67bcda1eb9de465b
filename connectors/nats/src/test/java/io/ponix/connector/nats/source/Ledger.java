package io.ponix.connector.nats.source;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * What a job has read, as a part of the job's own state: after a failure or restore it holds what
 * the restored state holds and what came since. A message read twice is in it twice, one that was
 * skipped is not in it.
 */
final class Ledger {

    private static final Map<String, Ledger> LEDGERS = new ConcurrentHashMap<>();

    private final Map<Integer, List<Long>> entries = new ConcurrentHashMap<>();
    private final AtomicInteger checkpoints = new AtomicInteger();
    private final AtomicLong processed = new AtomicLong();
    private volatile long failAfter = Long.MAX_VALUE;
    private volatile boolean failed;
    private volatile Semaphore permits;

    private Ledger() {}

    /** The ledger of that name, a new one if there is none. */
    static Ledger named(String name) {
        return LEDGERS.computeIfAbsent(name, key -> new Ledger());
    }

    /** The job fails once, when it has processed so many and a checkpoint is complete. */
    void failOnceAfter(long messages) {
        failAfter = messages;
    }

    /** From now on the job processes only as many messages as are permitted. */
    Semaphore hold() {
        permits = new Semaphore(0);
        return permits;
    }

    boolean hasFailed() {
        return failed;
    }

    int checkpoints() {
        return checkpoints.get();
    }

    /** Everything processed by this JVM, repetitions after a restore included. */
    long processed() {
        return processed.get();
    }

    /** Sequences in the ledger, in order, repetitions included. */
    List<Long> sequences() {
        List<Long> all = new ArrayList<>();
        for (List<Long> part : entries.values()) {
            synchronized (part) {
                all.addAll(part);
            }
        }
        all.sort(null);
        return all;
    }

    int size() {
        return entries.values().stream().mapToInt(List::size).sum();
    }

    /** Forgets what is only in memory, as a new process would. */
    void clear() {
        entries.clear();
    }

    /** Sequences per subtask. */
    Map<Integer, List<Long>> bySubtask() {
        return entries;
    }

    /** The operator that keeps the ledger. */
    static final class Keeper extends ProcessFunction<Long, Long>
            implements CheckpointedFunction, CheckpointListener {

        private static final long serialVersionUID = 1L;

        private final String name;
        private transient Ledger ledger;
        private transient List<Long> entries;
        private transient ListState<Long> state;

        Keeper(String name) {
            this.name = name;
        }

        @Override
        public void initializeState(FunctionInitializationContext context) throws Exception {
            ledger = named(name);
            state =
                    context.getOperatorStateStore()
                            .getListState(new ListStateDescriptor<>("ledger", Types.LONG));
            entries = new ArrayList<>();
            state.get().forEach(entries::add);
            ledger.entries.put(getRuntimeContext().getTaskInfo().getIndexOfThisSubtask(), entries);
        }

        @Override
        public void snapshotState(FunctionSnapshotContext context) throws Exception {
            state.update(entries);
        }

        @Override
        public void notifyCheckpointComplete(long checkpointId) {
            ledger.checkpoints.incrementAndGet();
        }

        @Override
        public void processElement(Long sequence, Context context, Collector<Long> out)
                throws Exception {
            Semaphore permits = ledger.permits;
            if (permits != null) {
                permits.acquire();
            }
            synchronized (entries) {
                entries.add(sequence);
            }
            if (ledger.processed.incrementAndGet() >= ledger.failAfter
                    && ledger.checkpoints() > 0) {
                ledger.failAfter = Long.MAX_VALUE;
                ledger.failed = true;
                throw new IllegalStateException("The failure this test asks for");
            }
        }
    }
}
