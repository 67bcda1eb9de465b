package io.ponix.client.nats;

import io.nats.client.impl.SocketDataPort;
import io.nats.client.support.IncomingHeadersProcessor;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * What the client library reads from the server, without headers that end the library.
 *
 * <p>A server stores headers of any bytes. The library's reading thread ends, without a word and
 * for ever, at the first that are not what it expects: a letter beyond ASCII is enough. And headers
 * that begin like one of the server's own status messages are taken for one, so that the message is
 * never read. Either way one producer would keep everybody's messages from being read. So a message
 * with such headers is handed on without any: as {@code MSG} in place of {@code HMSG}.
 *
 * <p>It looks at every message there is: one pass over the line and the headers where they lie, and
 * one copy.
 *
 * <p>Every connection that reads what others have published needs it: {@code
 * Options.Builder.dataPortType(HeaderGuard.class.getName())}.
 *
 * <p>Instantiated by the client library, one for each connection to a server; used by one thread.
 */
@API(status = Status.EXPERIMENTAL)
public final class HeaderGuard extends SocketDataPort {

    /** A line longer than this is not the protocol's, and handed on: the library says so. */
    private static final int BUFFER_BYTES = 64 * 1024;

    private static final byte[] VERSION_LINE = "NATS/1.0\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int LINE_BREAK_BYTES = 2;

    /**
     * How the subjects of answers to requests begin, see {@link NatsSettings.Builder#inboxPrefix};
     * every other subject is one that a producer has chosen.
     */
    private static final byte[] INBOX = "_INBOX".getBytes(StandardCharsets.US_ASCII);

    private static final int SUBJECT_AT = "HMSG ".length();

    /** Eight bytes at once, the first in the lowest. */
    private static final VarHandle EIGHT =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;

    private enum State {
        /** At the beginning of a line of the protocol. */
        LINE_START,
        /** Within a line that is handed on as it comes. */
        LINE,
        /** Within bytes that are handed on whatever they are. */
        PASS
    }

    private byte[] received = new byte[BUFFER_BYTES];
    private int position;
    private int limit;

    private State state = State.LINE_START;
    private boolean messageLine;

    /** The number that the line read so far ends with. */
    private int number;

    /** Bytes left to pass. */
    private int remaining;

    /**
     * The line that takes the place of one whose headers are left out; null where there is none.
     */
    private byte[] replacement;

    private int handedOut;

    /** For the client library, which connects it. */
    public HeaderGuard() {}

    /** Reads what a server would send. */
    HeaderGuard(InputStream server) {
        in = server;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int end = offset + length;
        while (true) {
            int to = handOut(target, offset, end);
            if (to > offset || length == 0) {
                return to - offset;
            }
            if (!receive()) {
                return -1;
            }
        }
    }

    /** Receives more behind what is not handed out yet, for as long as that takes. */
    private boolean receive() throws IOException {
        if (position > 0) {
            System.arraycopy(received, position, received, 0, limit - position);
            limit -= position;
            position = 0;
        }
        if (limit == received.length) {
            received = Arrays.copyOf(received, 2 * received.length);
        }
        int count = super.read(received, limit, received.length - limit);
        limit += Math.max(0, count);
        return count > 0;
    }

    /** Hands out what can be; returns up to where the target is filled. */
    private int handOut(byte[] target, int offset, int end) throws IOException {
        int to = offset;
        while (to < end) {
            if (replacement != null) {
                int count = Math.min(replacement.length - handedOut, end - to);
                System.arraycopy(replacement, handedOut, target, to, count);
                handedOut += count;
                to += count;
                if (handedOut == replacement.length) {
                    replacement = null;
                }
                continue;
            }
            if (position == limit || (state == State.LINE_START && !begin())) {
                break;
            }
            if (replacement != null) {
                continue;
            }
            int count = Math.min(limit - position, end - to);
            if (state == State.PASS) {
                count = Math.min(count, remaining);
                remaining -= count;
                if (remaining == 0) {
                    state = State.LINE_START;
                }
            } else {
                int last = lineBreak(position, position + count);
                if (last >= 0) {
                    count = last + 1 - position;
                }
                takeNumber(position, position + count);
                if (last >= 0) {
                    endOfLine();
                }
            }
            System.arraycopy(received, position, target, to, count);
            position += count;
            to += count;
        }
        return to;
    }

    /** Looks at what begins; false where more of it has to be received first. */
    private boolean begin() throws IOException {
        byte first = received[position];
        if (first == 'H' || first == 'h') {
            int last = lineBreak(position, limit);
            if (last >= 0) {
                return beginMessage(last);
            }
            if (limit - position < BUFFER_BYTES) {
                return false;
            }
        }
        messageLine = first == 'M' || first == 'm';
        number = 0;
        state = State.LINE;
        return true;
    }

    /** {@code HMSG <subject> <sid> [reply] <size of headers> <size>}, then headers and payload. */
    private boolean beginMessage(int last) throws IOException {
        int sizeAt = numberBefore(last);
        int headersSizeAt = numberBefore(sizeAt - 1);
        int size = number(sizeAt, last);
        int headersSize = number(headersSizeAt, sizeAt);
        int payload = size - headersSize;
        if (payload < 0) {
            throw new IOException("The server sent a message that is smaller than its headers");
        }
        int headersAt = last + 1;
        if (limit - headersAt < headersSize) {
            return false;
        }
        int headersEnd = headersAt + headersSize;
        if (areReadable(headersAt, headersEnd)) {
            remaining = headersEnd - position + payload + LINE_BREAK_BYTES;
            state = State.PASS;
        } else {
            // Without "H" and the two sizes.
            replacement =
                    (new String(
                                            received,
                                            position + 1,
                                            headersSizeAt - position - 1,
                                            StandardCharsets.ISO_8859_1)
                                    + payload
                                    + "\r\n")
                            .getBytes(StandardCharsets.ISO_8859_1);
            handedOut = 0;
            position = headersEnd;
            remaining = payload + LINE_BREAK_BYTES;
            state = State.PASS;
        }
        return true;
    }

    /** Where the last word before a position begins. */
    private int numberBefore(int end) throws IOException {
        int at = end;
        while (at > position && received[at - 1] <= ' ') {
            at--;
        }
        while (at > position && received[at - 1] > ' ') {
            at--;
        }
        if (at == position) {
            throw withoutSizes();
        }
        return at;
    }

    private int number(int from, int until) throws IOException {
        long value = 0;
        int at = from;
        for (; at < until && received[at] >= '0' && received[at] <= '9'; at++) {
            value = Math.min(Integer.MAX_VALUE, 10 * value + received[at] - '0');
        }
        if (at == from || received[at] > ' ') {
            throw withoutSizes();
        }
        return (int) value;
    }

    private static IOException withoutSizes() {
        return new IOException("The server sent a message without sizes");
    }

    private int lineBreak(int from, int until) {
        byte[] bytes = received;
        int at = from;
        for (; at + Long.BYTES <= until; at += Long.BYTES) {
            long eight = (long) EIGHT.get(bytes, at) ^ (ONES * '\n');
            long found = (eight - ONES) & ~eight & HIGH_BITS;
            if (found != 0) {
                return at + Long.numberOfTrailingZeros(found) / Byte.SIZE;
            }
        }
        for (; at < until; at++) {
            if (bytes[at] == '\n') {
                return at;
            }
        }
        return -1;
    }

    /** Goes on with the number that the line ends with; it may come in pieces, too. */
    private void takeNumber(int from, int until) {
        int start = until;
        while (start > from && received[start - 1] != ' ' && received[start - 1] != '\t') {
            start--;
        }
        int digits = start > from ? 0 : number;
        for (int i = start; i < until; i++) {
            byte next = received[i];
            if (next >= '0' && next <= '9') {
                digits = 10 * digits + next - '0';
            }
        }
        number = digits;
    }

    private void endOfLine() {
        if (messageLine) {
            remaining = number + LINE_BREAK_BYTES;
            state = State.PASS;
        } else {
            state = State.LINE_START;
        }
    }

    /** Whether the library reads the headers, and takes them for what they are. */
    private boolean areReadable(int from, int until) {
        if (arePlain(from, until)) {
            return true;
        }
        int subject = position + SUBJECT_AT;
        if (subject + INBOX.length > from
                || !Arrays.equals(
                        received, subject, subject + INBOX.length, INBOX, 0, INBOX.length)) {
            return false;
        }
        try {
            new IncomingHeadersProcessor(Arrays.copyOfRange(received, from, until));
            return true;
        } catch (RuntimeException e) {
            return false;
        }
    }

    /** Whether they are names and values of printable ASCII characters, without a status. */
    private boolean arePlain(int from, int until) {
        byte[] bytes = received;
        int at = from + VERSION_LINE.length;
        if (at > until || !Arrays.equals(bytes, from, at, VERSION_LINE, 0, VERSION_LINE.length)) {
            return false;
        }
        while (!isLineBreak(at, until)) {
            int name = at;
            while (at < until && bytes[at] > ' ' && bytes[at] < 0x7f && bytes[at] != ':') {
                at++;
            }
            if (at == name || at == until || bytes[at] != ':') {
                return false;
            }
            at = afterText(at + 1, until);
            if (!isLineBreak(at, until)) {
                return false;
            }
            at += LINE_BREAK_BYTES;
        }
        return at + LINE_BREAK_BYTES == until;
    }

    /** Where printable characters and tabs end. */
    private int afterText(int from, int until) {
        byte[] bytes = received;
        int at = from;
        while (at < until) {
            if (at + Long.BYTES <= until && isText((long) EIGHT.get(bytes, at))) {
                at += Long.BYTES;
            } else if (bytes[at] >= ' ' && bytes[at] < 0x7f || bytes[at] == '\t') {
                at++;
            } else {
                return at;
            }
        }
        return at;
    }

    /** Whether eight bytes are printable ASCII characters. */
    private static boolean isText(long eight) {
        long controls = eight - ONES * ' ';
        long deletes = (eight ^ (ONES * 0x7f)) - ONES;
        return ((eight | controls | deletes) & HIGH_BITS) == 0;
    }

    private boolean isLineBreak(int at, int until) {
        return at + 1 < until && received[at] == '\r' && received[at + 1] == '\n';
    }
}
