package io.ponix.connector.clickhouse.sink;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.ScheduledFuture;
import org.apache.flink.api.common.operators.ProcessingTimeService;

/** Processing time that a test moves by hand. */
final class ManualTimers implements ProcessingTimeService {

    private record Timer(long time, ProcessingTimeCallback callback) {}

    private final PriorityQueue<Timer> timers =
            new PriorityQueue<>(Comparator.comparingLong(Timer::time));
    private long now;

    @Override
    public long getCurrentProcessingTime() {
        return now;
    }

    @Override
    public ScheduledFuture<?> registerTimer(long timestamp, ProcessingTimeCallback target) {
        timers.add(new Timer(timestamp, target));
        return null;
    }

    void advance(long millis) throws Exception {
        now += millis;
        while (!timers.isEmpty() && timers.peek().time() <= now) {
            Timer due = timers.remove();
            due.callback().onProcessingTime(due.time());
        }
    }
}
