package io.ponix.connector.postgres.cdc.source;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;

/**
 * Keeps everything it receives in Flink's state and shows it to the test. After a restore the view
 * is what the state held, so it shows exactly what a stateful job would have seen: a lost or
 * doubled change stays visible.
 */
final class Recorder
        implements MapFunction<String, String>, CheckpointedFunction, CheckpointListener {

    private static final long serialVersionUID = 1L;

    private static final Map<String, View> VIEWS = new ConcurrentHashMap<>();

    /** What the test sees of one recorder, over all its restarts. */
    static final class View {
        private final List<String> received = new ArrayList<>();
        private final List<Integer> restoredSizes = new ArrayList<>();
        private int failWhenCheckpointedBetween;
        private int andBefore;

        synchronized List<String> received() {
            return List.copyOf(received);
        }

        synchronized int size() {
            return received.size();
        }

        /** The number of changes in the state at each start that restored one. */
        synchronized List<Integer> restoredSizes() {
            return List.copyOf(restoredSizes);
        }

        /**
         * Fails the task once, as soon as a checkpoint holding more than from and fewer than to
         * changes is complete.
         */
        synchronized void failOnceCheckpointedBetween(int from, int to) {
            failWhenCheckpointedBetween = from;
            andBefore = to;
        }
    }

    private final String name;
    private transient View view;
    private transient ListState<String> state;
    private transient Map<Long, Integer> sizes;
    private transient boolean failAtNext;

    Recorder(String name) {
        this.name = name;
    }

    static View view(String name) {
        return VIEWS.computeIfAbsent(name, key -> new View());
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        view = view(name);
        sizes = new ConcurrentHashMap<>();
        state =
                context.getOperatorStateStore()
                        .getListState(new ListStateDescriptor<>("received", Types.STRING));
        synchronized (view) {
            view.received.clear();
            if (context.isRestored()) {
                state.get().forEach(view.received::add);
                view.restoredSizes.add(view.received.size());
            }
        }
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        List<String> received = view.received();
        state.update(received);
        sizes.put(context.getCheckpointId(), received.size());
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) {
        int size = sizes.getOrDefault(checkpointId, 0);
        synchronized (view) {
            if (size > view.failWhenCheckpointedBetween && size < view.andBefore) {
                view.andBefore = 0;
                failAtNext = true;
            }
        }
    }

    @Override
    public String map(String value) {
        if (failAtNext) {
            throw new IllegalStateException("A failure the test asked for");
        }
        synchronized (view) {
            view.received.add(value);
        }
        return value;
    }
}
