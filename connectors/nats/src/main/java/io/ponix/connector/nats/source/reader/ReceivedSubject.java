package io.ponix.connector.nats.source.reader;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Makes of subjects as the client library gives them those that were published: it takes every byte
 * for a character, and extends its sign, so that what is not ASCII comes as characters from U+FF80.
 * Allocates nothing where all is ASCII. Used by one thread.
 */
final class ReceivedSubject {

    private static final VarHandle EIGHT =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;

    private byte[] bytes = new byte[128];

    /** The subject as it was published; the same object where it is of ASCII only. */
    String decode(String subject) {
        int length = subject.length();
        copy(subject, length);
        return isAscii(length) ? subject : new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    /** The low byte of each character, which is what came: a copy of the string's own array. */
    @SuppressWarnings("deprecation")
    private void copy(String subject, int length) {
        if (bytes.length < length) {
            bytes = new byte[2 * length];
        }
        subject.getBytes(0, length, bytes, 0);
    }

    private boolean isAscii(int length) {
        int at = 0;
        long seen = 0;
        for (; at <= length - Long.BYTES; at += Long.BYTES) {
            seen |= (long) EIGHT.get(bytes, at);
        }
        for (; at < length; at++) {
            seen |= bytes[at];
        }
        return (seen & HIGH_BITS) == 0;
    }
}
