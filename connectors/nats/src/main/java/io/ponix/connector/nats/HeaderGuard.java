package io.ponix.connector.nats;

import io.nats.client.impl.SocketDataPort;
import io.nats.client.support.IncomingHeadersProcessor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.flink.annotation.Internal;

/**
 * What the client library reads from the server, without headers that end the library.
 *
 * <p>A server stores headers of any bytes. The library's reading thread ends, without a word and
 * for ever, at the first that are not what it expects: a letter beyond ASCII is enough. And headers
 * that begin like one of the server's own status messages are taken for one, so that the message is
 * never read. Either way one producer would keep everybody's messages from being read. So a message
 * with such headers is handed on without any: as {@code MSG} in place of {@code HMSG}.
 *
 * <p>Instantiated by the client library, one for each connection to a server; used by one thread.
 */
@Internal
public final class HeaderGuard extends SocketDataPort {

    private static final int BUFFER_BYTES = 64 * 1024;
    private static final byte[] VERSION_LINE = "NATS/1.0\r\n".getBytes(StandardCharsets.US_ASCII);

    /** Answers to requests; every other subject is one that a producer has chosen. */
    private static final byte[] INBOX = "_INBOX.".getBytes(StandardCharsets.US_ASCII);

    private enum State {
        /** At the beginning of a line of the protocol. */
        LINE_START,
        /** Within a line that is handed on as it comes. */
        LINE,
        /** Within the line of a message with headers, which is held back. */
        HELD_LINE,
        /** Within its headers, which are held back too. */
        HELD_HEADERS,
        /** Within a payload and the line break after it. */
        PAYLOAD
    }

    private final byte[] received = new byte[BUFFER_BYTES];
    private int position;
    private int limit;

    private State state = State.LINE_START;
    private boolean messageLine;

    /** The number that the line read so far ends with. */
    private int number;

    /** Bytes left of headers or payload. */
    private int remaining;

    /** A line and headers; handed out from {@link #handedOut} once they are complete. */
    private byte[] held = new byte[1024];

    private int heldSize;
    private int headersAt;
    private int handedOut;
    private boolean complete;

    /** For the client library, which connects it. */
    public HeaderGuard() {}

    /** Reads what a server would send. */
    HeaderGuard(InputStream server) {
        in = server;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int to = offset;
        int end = offset + length;
        while (to < end) {
            if (complete) {
                int count = Math.min(heldSize - handedOut, end - to);
                System.arraycopy(held, handedOut, target, to, count);
                handedOut += count;
                to += count;
                complete = handedOut < heldSize;
                continue;
            }
            if (position == limit) {
                if (to > offset) {
                    break;
                }
                position = 0;
                limit = Math.max(0, super.read(received, 0, received.length));
                if (limit == 0) {
                    return -1;
                }
            }
            to = advance(target, to, end);
        }
        return to - offset;
    }

    /** Takes some of what was received; returns up to where the target is filled. */
    private int advance(byte[] target, int from, int end) throws IOException {
        int to = from;
        switch (state) {
            case LINE_START -> {
                byte first = received[position];
                messageLine = first == 'M' || first == 'm';
                number = 0;
                heldSize = 0;
                state = first == 'H' || first == 'h' ? State.HELD_LINE : State.LINE;
            }
            case LINE -> {
                int count = Math.min(limit - position, end - to);
                int last = lineBreak(position, position + count);
                if (last >= 0) {
                    count = last + 1 - position;
                }
                takeNumber(position, position + count);
                System.arraycopy(received, position, target, to, count);
                position += count;
                to += count;
                if (last >= 0) {
                    endOfLine();
                }
            }
            case HELD_LINE -> {
                while (position < limit && state == State.HELD_LINE) {
                    byte next = received[position++];
                    hold(next);
                    if (next == '\n') {
                        headersAt = heldSize;
                        remaining = Math.max(0, lastNumbers()[0]);
                        state = State.HELD_HEADERS;
                    }
                }
            }
            case HELD_HEADERS -> {
                for (; remaining > 0 && position < limit; remaining--) {
                    hold(received[position++]);
                }
                if (remaining == 0) {
                    endOfHeaders();
                }
            }
            case PAYLOAD -> {
                int count = Math.min(remaining, Math.min(limit - position, end - to));
                System.arraycopy(received, position, target, to, count);
                position += count;
                to += count;
                remaining -= count;
                if (remaining == 0) {
                    state = State.LINE_START;
                }
            }
        }
        return to;
    }

    private int lineBreak(int from, int until) {
        byte[] bytes = received;
        for (int i = from; i < until; i++) {
            if (bytes[i] == '\n') {
                return i;
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
            remaining = number + 2;
            state = State.PAYLOAD;
        } else {
            state = State.LINE_START;
        }
    }

    private void endOfHeaders() throws IOException {
        int payload = lastNumbers()[1] - lastNumbers()[0];
        if (payload < 0) {
            throw new IOException("The server sent a message that is smaller than its headers");
        }
        if (!areReadable()) {
            withoutHeaders(payload);
        }
        handedOut = 0;
        complete = true;
        remaining = payload + 2;
        state = State.PAYLOAD;
    }

    private void hold(byte next) {
        if (heldSize == held.length) {
            held = Arrays.copyOf(held, 2 * held.length);
        }
        held[heldSize++] = next;
    }

    /** {@code HMSG <subject> <sid> [reply] <size of headers> <size>}: its sizes. */
    private int[] lastNumbers() throws IOException {
        String[] tokens = line().split(" ");
        try {
            return new int[] {
                Integer.parseInt(tokens[tokens.length - 2]),
                Integer.parseInt(tokens[tokens.length - 1])
            };
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            throw new IOException("The server sent a message without sizes", e);
        }
    }

    private String line() {
        return new String(held, 0, headersAt, StandardCharsets.ISO_8859_1).strip();
    }

    private void withoutHeaders(int payload) {
        String line = line();
        // Without "H" and the two sizes.
        String message = line.substring(1, line.lastIndexOf(' ', line.lastIndexOf(' ') - 1) + 1);
        held = (message + payload + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
        heldSize = held.length;
    }

    /** Whether the library reads the headers that are held, and takes them for what they are. */
    private boolean areReadable() {
        if (arePlain()) {
            return true;
        }
        if (!Arrays.equals(held, 5, 5 + INBOX.length, INBOX, 0, INBOX.length)) {
            return false;
        }
        try {
            new IncomingHeadersProcessor(Arrays.copyOfRange(held, headersAt, heldSize));
            return true;
        } catch (RuntimeException e) {
            return false;
        }
    }

    /** Whether they are names and values of printable ASCII characters, without a status. */
    private boolean arePlain() {
        int at = headersAt + VERSION_LINE.length;
        if (at > heldSize
                || !Arrays.equals(held, headersAt, at, VERSION_LINE, 0, VERSION_LINE.length)) {
            return false;
        }
        while (!isLineBreak(at)) {
            int name = at;
            while (at < heldSize && held[at] > ' ' && held[at] < 0x7f && held[at] != ':') {
                at++;
            }
            if (at == name || at == heldSize || held[at] != ':') {
                return false;
            }
            at++;
            while (at < heldSize && (held[at] >= ' ' && held[at] < 0x7f || held[at] == '\t')) {
                at++;
            }
            if (!isLineBreak(at)) {
                return false;
            }
            at += 2;
        }
        return at + 2 == heldSize;
    }

    private boolean isLineBreak(int at) {
        return at + 1 < heldSize && held[at] == '\r' && held[at + 1] == '\n';
    }
}
