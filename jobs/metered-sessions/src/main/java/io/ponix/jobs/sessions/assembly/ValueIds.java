package io.ponix.jobs.sessions.assembly;

import io.ponix.sessions.SessionEvent;
import io.ponix.sessions.SessionEventWriter;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/**
 * The ids of a message's meter values: made of its content, so that they are the same whenever it
 * comes again, in whatever order and to whichever run of the job. Whether the station had kept it
 * for a while makes no other message of it.
 */
final class ValueIds {

    private final long high;
    private final long low;

    private ValueIds(long high, long low) {
        this.high = high;
        this.low = low;
    }

    /** Of the values of a message. */
    static ValueIds of(SessionEvent event) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            new SessionEventWriter(new DataOutputStream(bytes))
                    .event(
                            new SessionEvent(
                                    event.type(),
                                    event.time(),
                                    event.sequence(),
                                    false,
                                    event.token(),
                                    event.reason(),
                                    event.connector(),
                                    event.meterValues()));
            ByteBuffer digest =
                    ByteBuffer.wrap(
                            MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray()));
            return new ValueIds(digest.getLong(), digest.getLong());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Of the value at a position of the message. */
    UUID at(int position) {
        return new UUID(high, low + position);
    }
}
