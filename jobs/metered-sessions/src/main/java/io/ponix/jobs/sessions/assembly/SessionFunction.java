package io.ponix.jobs.sessions.assembly;

import io.ponix.jobs.sessions.event.Letters;
import io.ponix.jobs.sessions.event.SessionUpdate;
import io.ponix.sessions.EventType;
import io.ponix.sessions.MeterValue;
import io.ponix.sessions.RecordedValue;
import io.ponix.sessions.Session;
import io.ponix.sessions.SessionEvent;
import io.ponix.sessions.SessionHistory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Assembles sessions: with each event the session is told of again, in a greater version. Keyed by
 * organization, station and session; what is of no session passes.
 *
 * <p>A session is over after its end, or when nothing was heard of it for long; an event that comes
 * later changes it, for as long as it is known. Time is when messages were received.
 */
public final class SessionFunction
        extends KeyedProcessFunction<Tuple3<String, String, String>, SessionUpdate, SessionRow> {

    /** Meter values go here. */
    public static final OutputTag<MeterValueRow> METER_VALUES =
            new OutputTag<>("meter-values", MeterValueRow.TYPE);

    private static final long serialVersionUID = 1L;

    /** A session that has too much is started and ended all the same, this often. */
    private static final int RESERVE = 1_000;

    /** Of the registers of such a start or end, so many count. */
    private static final int MOST_REGISTERS = 16;

    /** Up to this size a session is told of with each event. */
    private static final int SMALL = 1_000;

    /** Of a larger one this much is told of in a millisecond: a tenth of the time it takes. */
    private static final int SIZE_OF_A_MILLISECOND = 50;

    private final AssemblySettings settings;
    private transient ValueState<SessionState> sessions;
    private transient SessionMetrics metrics;

    /** With what can be set. */
    public SessionFunction(AssemblySettings settings) {
        this.settings = settings;
    }

    @Override
    public void open(OpenContext context) {
        sessions =
                getRuntimeContext()
                        .getState(
                                new ValueStateDescriptor<>(
                                        "session", SessionStateSerializer.INSTANCE));
        metrics = new SessionMetrics(getRuntimeContext().getMetricGroup());
    }

    @Override
    public void processElement(SessionUpdate update, Context context, Collector<SessionRow> out)
            throws Exception {
        if (update.isOfNone()) {
            metrics.countReadings(update.event().meterValues().size());
            emitValues(update, update.event(), 0, context);
            return;
        }
        SessionState state = sessions.value();
        if (state == null) {
            state = new SessionState(new SessionHistory(), update.origin());
            metrics.countBegun();
        }
        state.take(update.origin());
        SessionEvent event = fitting(update, state, context);
        if (event != null) {
            long arrival = state.history().size();
            boolean isNew = state.history().add(event);
            metrics.countEvent(isNew);
            if (isNew) {
                emitValues(update, event, arrival, context);
            }
        }
        emitOrWait(state, context, out);
        schedule(state, context.timerService());
        sessions.update(state);
    }

    /** The event, or what there is room for of it, or null. */
    private SessionEvent fitting(SessionUpdate update, SessionState state, Context context) {
        SessionEvent event = update.event();
        SessionHistory history = state.history();
        long size = history.size() + history.events();
        if (size + event.meterValues().size() + 1 <= settings.maxSize()
                || history.contains(event)) {
            return event;
        }
        state.leaveOut();
        metrics.countLeftOut();
        context.output(
                Letters.TAG,
                Letters.of(
                        update.origin(),
                        update.originSize(),
                        update.organizationId(),
                        update.stationId(),
                        "the session "
                                + update.sessionId()
                                + " has "
                                + size
                                + " meter values and messages, and may have "
                                + settings.maxSize()
                                + " (--session-max-size): no room for "
                                + event.meterValues().size()
                                + " more values"));
        if (event.type() == EventType.UPDATED || size > (long) settings.maxSize() + RESERVE) {
            return null;
        }
        return new SessionEvent(
                event.type(),
                event.time(),
                event.sequence(),
                event.isOffline(),
                event.token(),
                event.reason(),
                event.connector(),
                event.meterValues().stream()
                        .filter(SessionFunction::isOfStartOrEnd)
                        .limit(MOST_REGISTERS)
                        .toList());
    }

    private static boolean isOfStartOrEnd(MeterValue value) {
        return value.context().equals(MeterValue.BEGIN) || value.context().equals(MeterValue.END);
    }

    private static void emitValues(
            SessionUpdate update, SessionEvent event, long arrival, Context context) {
        List<MeterValue> values = event.meterValues();
        if (values.isEmpty()) {
            return;
        }
        ValueIds ids = ValueIds.of(event);
        for (int i = 0; i < values.size(); i++) {
            context.output(
                    METER_VALUES,
                    new MeterValueRow(
                            update.organizationId(),
                            update.stationId(),
                            update.sessionId(),
                            ids.at(i),
                            event.connector(),
                            values.get(i),
                            arrival + i,
                            update.origin()));
        }
    }

    /** What a large session comes to takes too long to compute with every event. */
    private void emitOrWait(SessionState state, Context context, Collector<SessionRow> out) {
        long size = state.history().size() + state.history().events();
        if (size <= SMALL) {
            emit(state, context.getCurrentKey(), out);
        } else if (!state.isPending()) {
            TimerService timers = context.timerService();
            timers.registerProcessingTimeTimer(
                    timers.currentProcessingTime() + size / SIZE_OF_A_MILLISECOND);
            state.setPending(true);
        }
    }

    private void emit(
            SessionState state, Tuple3<String, String, String> key, Collector<SessionRow> out) {
        state.setPending(false);
        Session session = state.history().session();
        state.setEnded(session.isEnded());
        out.collect(row(state, session, key));
        metrics.countTold();
    }

    private static SessionRow row(
            SessionState state, Session session, Tuple3<String, String, String> key) {
        List<String> flags = new ArrayList<>();
        session.flags().forEach(flag -> flags.add(flag.name()));
        boolean isClosedByIdleness = state.isIdle() && !session.isEnded();
        if (isClosedByIdleness) {
            flags.add(JobFlag.CLOSED_BY_IDLENESS.name());
        }
        if (state.leftOut() > 0) {
            flags.add(JobFlag.VALUES_LEFT_OUT.name());
        }
        return new SessionRow(
                key.f0,
                key.f1,
                key.f2,
                state.version(),
                session.isEnded() || isClosedByIdleness,
                session.start().orElse(null),
                session.end().orElse(isClosedByIdleness ? latest(session) : null),
                session.token(),
                session.reason(),
                session.connector(),
                session.firstRegister().orElse(null),
                session.lastRegister().orElse(null),
                session.energy().orElse(null),
                session.isComplete(),
                session.missing(),
                flags,
                session.events(),
                state.history().duplicates(),
                state.leftOut(),
                state.history().size(),
                state.origin());
    }

    /** The latest time that the session has; null where it has none. */
    private static Instant latest(Session session) {
        return Stream.concat(
                        session.start().stream(),
                        session.meterValues().stream()
                                .map(RecordedValue::value)
                                .map(MeterValue::time))
                .max(Instant::compareTo)
                .orElse(null);
    }

    /** One at a time: the sooner one, which then asks for the next. */
    private void schedule(SessionState state, TimerService timers) {
        boolean mayBecomeIdle = !state.isEnded() && !state.isIdle();
        long due =
                state.lastHeard()
                        + (mayBecomeIdle ? settings.idle() : settings.retention()).toMillis();
        long time = Timers.notBefore(due, state.lastHeard());
        if (state.timer() == 0 || time < state.timer()) {
            timers.registerEventTimeTimer(time);
            state.setTimer(time);
        }
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<SessionRow> out)
            throws Exception {
        SessionState state = sessions.value();
        if (state == null) {
            return;
        }
        switch (context.timeDomain()) {
            case PROCESSING_TIME -> {
                if (!state.isPending()) {
                    return;
                }
                emit(state, context.getCurrentKey(), out);
            }
            case EVENT_TIME -> {
                if (time != state.timer()) {
                    return;
                }
                state.setTimer(0);
                if (state.isPending()) {
                    emit(state, context.getCurrentKey(), out);
                }
                if (state.lastHeard() + settings.retention().toMillis() <= time) {
                    metrics.countForgotten();
                    sessions.clear();
                    return;
                }
                if (!state.isEnded()
                        && !state.isIdle()
                        && state.lastHeard() + settings.idle().toMillis() <= time) {
                    state.setIdle(true);
                    metrics.countClosedByIdleness();
                    emit(state, context.getCurrentKey(), out);
                }
                schedule(state, context.timerService());
            }
        }
        sessions.update(state);
    }
}
