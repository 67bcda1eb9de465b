package io.ponix.jobs.sessions.assembly;

import io.ponix.jobs.message.RawMessage;
import io.ponix.jobs.sessions.event.Letters;
import io.ponix.jobs.sessions.event.SessionUpdate;
import io.ponix.jobs.sessions.event.StationEvent;
import io.ponix.sessions.message.StationMessage;
import io.ponix.sessions.station.Outcome;
import io.ponix.sessions.station.Station;
import java.time.Instant;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Says of which session the messages of a station are: a start without an id is joined with its
 * answer, and a connector that is free ends the sessions there. Keyed by organization and station.
 *
 * <p>Time is when messages were received, never what a station's clock says.
 */
public final class StationFunction
        extends KeyedProcessFunction<Tuple2<String, String>, StationEvent, SessionUpdate> {

    private static final long serialVersionUID = 1L;

    private final AssemblySettings settings;
    private transient ValueState<StationState> stations;
    private transient StationMetrics metrics;

    /** With what can be set. */
    public StationFunction(AssemblySettings settings) {
        this.settings = settings;
    }

    @Override
    public void open(OpenContext context) {
        stations =
                getRuntimeContext()
                        .getState(
                                new ValueStateDescriptor<>(
                                        "station", StationStateSerializer.INSTANCE));
        metrics = new StationMetrics(getRuntimeContext().getMetricGroup());
    }

    @Override
    public void processElement(StationEvent event, Context context, Collector<SessionUpdate> out)
            throws Exception {
        StationState state = stations.value();
        if (state == null) {
            state = new StationState(new Station(), event.origin());
        }
        long now = event.origin().receivedAt();
        if (isOneTooMany(event, state, now)) {
            metrics.countRefused();
            context.output(
                    Letters.TAG,
                    Letters.of(
                            event.origin(),
                            event.originSize(),
                            event.organizationId(),
                            event.stationId(),
                            "the station has begun "
                                    + settings.maxSessionsPerStation()
                                    + " sessions within the time that they are kept, and may no"
                                    + " more (--session-max-per-station)"));
            return;
        }
        for (Outcome outcome : state.station().take(event.message(), Instant.ofEpochMilli(now))) {
            emit(outcome, context.getCurrentKey(), event.origin(), event.originSize(), out);
        }
        state.heard(event.origin());
        long due =
                event.message() instanceof StationMessage.StartRequest
                        ? now + Station.LONGEST_ANSWER.toMillis() + 1
                        : now + settings.retention().toMillis();
        schedule(state, due, now, context);
        stations.update(state);
    }

    private boolean isOneTooMany(StationEvent event, StationState state, long now) {
        String session =
                event.message() instanceof StationMessage.OfSession of
                        ? of.sessionId()
                        : event.message() instanceof StationMessage.StartAnswer answer
                                ? answer.sessionId()
                                : null;
        if (session == null || state.station().knows(session)) {
            return false;
        }
        if (state.begunSince(now - settings.retention().toMillis())
                >= settings.maxSessionsPerStation()) {
            return true;
        }
        state.begin(now);
        return false;
    }

    private void emit(
            Outcome outcome,
            Tuple2<String, String> station,
            RawMessage origin,
            int originSize,
            Collector<SessionUpdate> out) {
        if (outcome instanceof Outcome.OfSession of) {
            out.collect(
                    new SessionUpdate(
                            station.f0,
                            station.f1,
                            of.sessionId(),
                            origin,
                            originSize,
                            of.event()));
        } else if (outcome instanceof Outcome.OfNone none) {
            out.collect(
                    SessionUpdate.ofNone(
                            station.f0, station.f1, origin, originSize, none.reading()));
        } else if (outcome instanceof Outcome.NeverAnswered start) {
            metrics.countNeverAnswered();
            out.collect(
                    SessionUpdate.ofNone(
                            station.f0,
                            station.f1,
                            origin,
                            originSize,
                            new StationMessage.Reading(
                                    start.start().connector(), start.start().meterValues())));
        }
    }

    /** One at a time: the sooner one, which then asks for the next. */
    private static void schedule(StationState state, long due, long now, Context context) {
        long time = Timers.notBefore(due, now);
        if (state.timer() == 0 || time < state.timer()) {
            context.timerService().registerEventTimeTimer(time);
            state.setTimer(time);
        }
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<SessionUpdate> out)
            throws Exception {
        StationState state = stations.value();
        if (state == null || time < state.timer()) {
            return;
        }
        state.setTimer(0);
        for (Outcome outcome :
                state.station().forget(Instant.ofEpochMilli(time), settings.retention())) {
            emit(outcome, context.getCurrentKey(), state.origin(), 0, out);
        }
        long forgetAt = state.lastHeard() + settings.retention().toMillis();
        if (forgetAt <= time) {
            metrics.countForgotten();
            stations.clear();
            return;
        }
        long due =
                state.station().isWaiting()
                        ? Math.min(forgetAt, time + Station.LONGEST_ANSWER.toMillis() + 1)
                        : forgetAt;
        schedule(state, due, time, context);
        stations.update(state);
    }
}
