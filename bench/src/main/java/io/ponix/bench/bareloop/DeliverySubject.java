package io.ponix.bench.bareloop;

/**
 * The stream sequence and the time in the reply subject of a delivered message, {@code
 * $JS.ACK.<stream>.<consumer>.<delivered>.<stream sequence>.<consumer
 * sequence>.<nanoseconds>.<pending>}.
 */
final class DeliverySubject {

    private static final int SEQUENCE_TOKEN = 5;
    private static final int TIME_TOKEN = 7;

    private long sequence;
    private long nanos;

    void parse(String replyTo) {
        int start = 0;
        for (int token = 0; token <= TIME_TOKEN; token++) {
            int end = replyTo.indexOf('.', start);
            if (token == SEQUENCE_TOKEN) {
                sequence = Long.parseLong(replyTo, start, end, 10);
            } else if (token == TIME_TOKEN) {
                nanos = Long.parseLong(replyTo, start, end, 10);
            }
            start = end + 1;
        }
    }

    long sequence() {
        return sequence;
    }

    /** When the message was stored, in milliseconds since 1970. */
    long millis() {
        return nanos / 1_000_000;
    }
}
