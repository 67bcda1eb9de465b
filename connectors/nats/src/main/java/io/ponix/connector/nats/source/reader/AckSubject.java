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

    private byte[] subject = new byte[256];
    private int length;
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
        copy(replyTo);
        int tokens = 1;
        for (int i = 0; i < length; i++) {
            if (subject[i] == '.') {
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

    /**
     * The low byte of each character, all that numbers and dots need: a copy of the string's own
     * array, in which looking is cheaper than in the string.
     */
    @SuppressWarnings("deprecation")
    private void copy(String replyTo) {
        length = replyTo.length();
        if (subject.length < length) {
            subject = new byte[2 * length];
        }
        replyTo.getBytes(0, length, subject, 0);
    }

    /** The next token as a number, or -1 if it is none. */
    private long nextNumber() {
        byte[] bytes = subject;
        long number = 0;
        int at = position;
        for (; at < length && bytes[at] != '.'; at++) {
            int digit = bytes[at] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        boolean empty = at == position;
        position = at + 1;
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
