package io.ponix.jobs.sessions.assembly;

import io.ponix.jobs.deadletter.DeadLetter;
import io.ponix.jobs.message.RawMessage;
import io.ponix.jobs.sessions.DecodedEnvelopes;
import io.ponix.jobs.sessions.event.Letters;
import io.ponix.jobs.sessions.event.SessionUpdate;
import io.ponix.jobs.sessions.event.StationEvent;
import io.ponix.jobs.sessions.read.ReadMessages;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;

/** The operators of the job one behind the other, without what is around them. */
final class Assembly implements AutoCloseable {

    static final AssemblySettings SETTINGS =
            new AssemblySettings(Duration.ofHours(24), Duration.ofDays(30), 200_000, 10_000);

    private final OneInputStreamOperatorTestHarness<RawMessage, StationEvent> messages;
    private final KeyedOneInputStreamOperatorTestHarness<
                    Tuple2<String, String>, StationEvent, SessionUpdate>
            stations;
    private final KeyedOneInputStreamOperatorTestHarness<
                    Tuple3<String, String, String>, SessionUpdate, SessionRow>
            sessions;

    private final Map<List<String>, SessionRow> rows = new LinkedHashMap<>();
    private final List<SessionRow> told = new ArrayList<>();
    private final List<MeterValueRow> values = new ArrayList<>();
    private final List<DeadLetter> letters = new ArrayList<>();
    private long sequence;
    private long now = DecodedEnvelopes.OCCURRED_AT;

    Assembly() throws Exception {
        this(SETTINGS, null);
    }

    Assembly(AssemblySettings settings) throws Exception {
        this(settings, null);
    }

    /**
     * @param states of the two keyed operators; null: none
     */
    Assembly(AssemblySettings settings, List<OperatorSubtaskState> states) throws Exception {
        messages =
                new OneInputStreamOperatorTestHarness<>(new ProcessOperator<>(new ReadMessages()));
        stations =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        new KeyedProcessOperator<>(new StationFunction(settings)),
                        event -> Tuple2.of(event.organizationId(), event.stationId()),
                        Types.TUPLE(Types.STRING, Types.STRING));
        sessions =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        new KeyedProcessOperator<>(new SessionFunction(settings)),
                        update ->
                                Tuple3.of(
                                        update.organizationId(),
                                        update.stationId(),
                                        update.sessionId()),
                        Types.TUPLE(Types.STRING, Types.STRING, Types.STRING));
        messages.setup(StationEvent.TYPE.createSerializer((SerializerConfig) null));
        stations.setup(SessionUpdate.TYPE.createSerializer((SerializerConfig) null));
        sessions.setup(SessionRow.TYPE.createSerializer((SerializerConfig) null));
        if (states != null) {
            stations.initializeState(states.get(0));
            sessions.initializeState(states.get(1));
        }
        messages.open();
        stations.open();
        sessions.open();
    }

    /** What a restart begins with. */
    List<OperatorSubtaskState> states() throws Exception {
        return List.of(stations.snapshot(1, 1), sessions.snapshot(1, 1));
    }

    /** A second after the one before. */
    void publish(String station, String session) throws Exception {
        publish(DecodedEnvelopes.ORGANIZATION, station, session);
    }

    void publish(String organization, String device, String session) throws Exception {
        publish(DecodedEnvelopes.of(organization, device, session).toByteArray());
    }

    void publish(byte[] data) throws Exception {
        now += 1_000;
        sequence++;
        messages.processElement(
                new RawMessage("processed_envelopes", sequence, "processed_envelopes.d", now, data),
                now);
        passOn();
    }

    /** Lets time go on, with nothing received. */
    void pass(Duration time) throws Exception {
        now += time.toMillis();
        stations.processWatermark(now - 1);
        passOn();
        sessions.processWatermark(now - 1);
        passOn();
    }

    /** Lets the clock go on. */
    void passByTheClock(Duration time) throws Exception {
        sessions.setProcessingTime(sessions.getProcessingTime() + time.toMillis());
        passOn();
    }

    private void passOn() throws Exception {
        for (StationEvent event : taken(messages)) {
            stations.processElement(event, now);
        }
        for (SessionUpdate update : taken(stations)) {
            sessions.processElement(update, now);
        }
        for (SessionRow row : taken(sessions)) {
            told.add(row);
            List<String> key = List.of(row.organizationId(), row.stationId(), row.sessionId());
            // As the databases do it.
            rows.merge(
                    key,
                    row,
                    (before, after) -> after.version() > before.version() ? after : before);
        }
        addAll(sessions.getSideOutput(SessionFunction.METER_VALUES), values);
        addAll(messages.getSideOutput(Letters.TAG), letters);
        addAll(stations.getSideOutput(Letters.TAG), letters);
        addAll(sessions.getSideOutput(Letters.TAG), letters);
    }

    private static <T> List<T> taken(OneInputStreamOperatorTestHarness<?, T> harness) {
        List<T> elements = List.copyOf(harness.extractOutputValues());
        harness.getOutput().clear();
        return elements;
    }

    private static <T> void addAll(Queue<StreamRecord<T>> records, List<T> to) {
        while (records != null && !records.isEmpty()) {
            to.add(records.poll().getValue());
        }
    }

    /** The session with the id tx of a station. */
    SessionRow row(String station) {
        return row(station, "tx");
    }

    SessionRow row(String station, String session) {
        return rows.get(List.of(DecodedEnvelopes.ORGANIZATION, station, session));
    }

    Map<List<String>, SessionRow> rows() {
        return rows;
    }

    /** All versions, in their order. */
    List<SessionRow> told() {
        return told;
    }

    List<MeterValueRow> values() {
        return values;
    }

    List<DeadLetter> letters() {
        return letters;
    }

    int stateEntries() {
        return stations.numKeyedStateEntries() + sessions.numKeyedStateEntries();
    }

    @Override
    public void close() {
        try {
            messages.close();
            stations.close();
            sessions.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
