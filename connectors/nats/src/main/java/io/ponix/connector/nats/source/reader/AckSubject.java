package io.ponix.connector.nats.source.reader;

/**
 * Reads what JetStream tells about a message in its reply subject, without allocating. One instance
 * is used again and again by one thread.
 *
 * <p>Two forms exist, told apart by their number of tokens:
 *
 * <pre>
 * $JS.ACK.&lt;stream&gt;.&lt;consumer&gt;.&lt;delivered&gt;.&lt;stream seq&gt;.&lt;consumer seq&gt;.&lt;time ns&gt;.&lt;pending&gt;
 * $JS.ACK.&lt;domain&gt;.&lt;account&gt;.&lt;stream&gt;.&lt;consumer&gt;.&lt;delivered&gt;.&lt;stream seq&gt;.&lt;consumer seq&gt;.&lt;time ns&gt;.&lt;pending&gt;[.&lt;token&gt;]
 * </pre>
 *
 * @see <a
 *     href="https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-15.md">ADR-15</a>
 */
final class AckSubject {

    private static final int TOKENS_BEFORE_DELIVERED = 4;
    private static final int TOKENS_BEFORE_DELIVERED_WITH_DOMAIN = 6;
    private static final int TOKENS = 9;
    private static final int LEAST_TOKENS_WITH_DOMAIN = 11;

    private String subject;
    private int position;

    private long streamSequence;
    private long consumerSequence;
    private long timestampNanos;
    private long pending;

    /**
     * Reads a reply subject.
     *
     * @return false if it is not one that JetStream gives to a delivered message
     */
    boolean parse(String replyTo) {
        if (replyTo == null || !replyTo.startsWith("$JS.ACK.")) {
            return false;
        }
        int tokens = 1;
        for (int i = 0; i < replyTo.length(); i++) {
            if (replyTo.charAt(i) == '.') {
                tokens++;
            }
        }
        int skip;
        if (tokens == TOKENS) {
            skip = TOKENS_BEFORE_DELIVERED;
        } else if (tokens >= LEAST_TOKENS_WITH_DOMAIN) {
            skip = TOKENS_BEFORE_DELIVERED_WITH_DOMAIN;
        } else {
            return false;
        }
        subject = replyTo;
        position = 0;
        for (int i = 0; i < skip; i++) {
            position = replyTo.indexOf('.', position) + 1;
        }
        long delivered = nextNumber();
        streamSequence = nextNumber();
        consumerSequence = nextNumber();
        timestampNanos = nextNumber();
        pending = nextNumber();
        return delivered >= 0
                && streamSequence > 0
                && consumerSequence > 0
                && timestampNanos >= 0
                && pending >= 0;
    }

    /** The next token as a number, or -1 if it is none. */
    private long nextNumber() {
        long number = 0;
        int start = position;
        while (position < subject.length()) {
            char c = subject.charAt(position);
            if (c == '.') {
                break;
            }
            if (c < '0' || c > '9') {
                return -1;
            }
            number = number * 10 + (c - '0');
            position++;
        }
        boolean empty = position == start;
        position++;
        return empty ? -1 : number;
    }

    /** Sequence of the message in the stream. */
    long streamSequence() {
        return streamSequence;
    }

    /** How many messages the consumer has delivered, this one included: grows by exactly one. */
    long consumerSequence() {
        return consumerSequence;
    }

    /** When the message was stored, in nanoseconds since 1970. */
    long timestampNanos() {
        return timestampNanos;
    }

    /** Messages of the consumer still to come after this one. */
    long pending() {
        return pending;
    }
}
