package io.ponix.bench.micro;

import io.ponix.connector.clickhouse.sink.RowBinaryOutput;
import io.ponix.jobs.envelope.store.EnvelopeRowsEncoder;
import io.ponix.jobs.envelope.transform.EnvelopeRows;
import io.ponix.jobs.envelope.transform.EnvelopeRowsSerializer;
import io.ponix.jobs.serialization.DataViews;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/** From a decoded reading to the bytes that ClickHouse is sent, before they are compressed. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RowEncoderBenchmark {

    private static final byte ROW_VERSION = 1;
    private static final String JSON =
            "{\"temperature_1\":27.2,\"humidity_2\":50.0,\"barometer_3\":1013.2,\"analog_input_2\":3.14}";

    private final EnvelopeRowsEncoder encoder = new EnvelopeRowsEncoder();
    private final RowBinaryOutput output = new RowBinaryOutput();
    private final EnvelopeRows row = row();

    /** A row, as a savepoint would hold it: that is the one way to make one outside the job. */
    private static EnvelopeRows row() {
        try {
            DataOutputSerializer state = new DataOutputSerializer(512);
            state.writeByte(ROW_VERSION);
            DataViews.writeString("org-001", state);
            DataViews.writeString("d0q1f3b2s8c6g4h5j7k0", state);
            state.writeLong(SampleEnvelope.RECEIVED_AT - 1_000);
            state.writeLong(SampleEnvelope.RECEIVED_AT + 1_000);
            DataViews.writeBytes(JSON.getBytes(StandardCharsets.UTF_8), state);
            DataViews.writeString(SampleEnvelope.STREAM, state);
            state.writeLong(SampleEnvelope.SEQUENCE);
            state.writeLong(SampleEnvelope.RECEIVED_AT);
            return EnvelopeRowsSerializer.INSTANCE.deserialize(
                    new DataInputDeserializer(state.getCopyOfBuffer()));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One row of {@code processed_envelopes} into a buffer that is used again. */
    @Benchmark
    @OperationsPerInvocation(TransformBenchmark.BATCH)
    public void encode(Blackhole blackhole) {
        for (int i = 0; i < TransformBenchmark.BATCH; i++) {
            output.reset();
            encoder.encode(row, 0, output);
            blackhole.consume(output);
        }
    }
}
