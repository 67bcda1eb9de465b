package io.ponix.bench.micro;

import io.ponix.jobs.envelope.inbound.EnvelopeParser;
import io.ponix.jobs.envelope.inbound.InboundEnvelope;
import io.ponix.jobs.message.RawMessage;
import io.ponix.transforms.JsonBuffer;
import io.ponix.transforms.PreviousResult;
import io.ponix.transforms.Transform;
import io.ponix.transforms.TransformCompilationException;
import io.ponix.transforms.TransformCompiler;
import io.ponix.transforms.TransformException;
import io.ponix.transforms.TransformInput;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/** From the bytes of a message to the JSON of its row. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TransformBenchmark {

    /** Timed together: short enough to be seldom interrupted, long enough for the clock. */
    static final int BATCH = 500;

    static final String SIMPLE = "cayenne_lpp_decode(input)";
    static final String THREE_FIELDS =
            """
            {
              "temperature": cayenne_lpp_decode(input)["temperature_1"],
              "humidity": cayenne_lpp_decode(input)["humidity_2"],
              "pressure": cayenne_lpp_decode(input)["barometer_3"]
            }""";

    static final String TEN_ROWS =
            "lists.range(10).map(i, {\"n\": input.u8(i), \"occurred_at\": occurred_at})";

    static final String DIFFERENCE =
            "{\"n\": input.u8(3), ?\"step\": previous.?result.?n.optMap(n, input.u8(3) - n)}";

    private final byte[] message = SampleEnvelope.bytes();
    private final EnvelopeParser parser = new EnvelopeParser();
    private final Transform simple = compile(SIMPLE);
    private final Transform threeFields = compile(THREE_FIELDS);
    private final Transform tenRows = compile(TEN_ROWS);
    private final Transform difference = compile(DIFFERENCE);
    private final HandWrittenDecoder byHand = new HandWrittenDecoder();
    private final TransformInput input = new TransformInput();
    private final JsonBuffer json = new JsonBuffer();

    private static Transform compile(String expression) {
        try {
            return TransformCompiler.create().compile(expression);
        } catch (TransformCompilationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The envelope's parser alone. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void parse(Blackhole blackhole) {
        for (int i = 0; i < BATCH; i++) {
            blackhole.consume(envelope());
        }
    }

    /** Parser, a decoder for just this payload, JSON: no expression. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void byHand(Blackhole blackhole) {
        for (int i = 0; i < BATCH; i++) {
            blackhole.consume(decodeByHand());
        }
    }

    /** Parser, {@code cayenne_lpp_decode(input)}, JSON. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void simpleExpression(Blackhole blackhole) throws TransformException {
        for (int i = 0; i < BATCH; i++) {
            blackhole.consume(evaluate(simple));
        }
    }

    /** Parser, an object of three fields that each decode, JSON. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void threeFieldExpression(Blackhole blackhole) throws TransformException {
        for (int i = 0; i < BATCH; i++) {
            blackhole.consume(evaluate(threeFields));
        }
    }

    /** Parser, a list of ten objects that give their rows their times, JSON. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void tenRows(Blackhole blackhole) throws TransformException {
        for (int i = 0; i < BATCH; i++) {
            blackhole.consume(evaluate(tenRows));
        }
    }

    /**
     * Parser, two fields of which one is the difference to the envelope before, JSON, and what the
     * next envelope sees; without Flink's state and the exchange before it.
     */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void differenceToPrevious(Blackhole blackhole) throws TransformException {
        for (int i = 0; i < BATCH; i++) {
            blackhole.consume(evaluate(difference));
            input.setPrevious(
                    new PreviousResult(json.result(), SampleEnvelope.RECEIVED_AT / 1_000, 0, 2));
        }
    }

    private int decodeByHand() {
        InboundEnvelope envelope = envelope();
        return byHand.decode(message, envelope.payloadOffset(), envelope.payloadLength());
    }

    private InboundEnvelope envelope() {
        return parser.parse(
                new RawMessage(
                        SampleEnvelope.STREAM,
                        SampleEnvelope.SEQUENCE,
                        SampleEnvelope.SUBJECT,
                        SampleEnvelope.RECEIVED_AT,
                        message));
    }

    private int evaluate(Transform transform) throws TransformException {
        InboundEnvelope envelope = envelope();
        json.reset();
        input.setPayload(message, envelope.payloadOffset(), envelope.payloadLength())
                .setFPort(envelope.fPort())
                .setAttributes(envelope.attributes())
                .setOccurredAt(envelope.occurredAtSeconds(), envelope.occurredAtNanos())
                .setDevice(envelope.endDeviceId(), "Climate sensor", envelope.organizationId());
        transform.evaluate(input, json);
        return json.length();
    }

    /** The JSON of the decoder by hand, and of the simple expression: they must be the same. */
    static String[] outputs() throws TransformException {
        TransformBenchmark benchmark = new TransformBenchmark();
        benchmark.decodeByHand();
        benchmark.evaluate(benchmark.simple);
        return new String[] {benchmark.byHand.toString(), benchmark.json.toString()};
    }
}
