package io.ponix.jobs.lease;

import static java.util.Objects.requireNonNull;

import io.nats.client.api.MessageInfo;
import io.nats.client.impl.Headers;
import java.time.Instant;

/**
 * A lease as it is stored: headers of a message without a body, so that NATS' own tools show it.
 *
 * @param holder who has it, or had it last: a job's id, or another name
 * @param instance tells one incarnation of the holder from the next
 * @param epoch grows whenever the lease is taken, also by the same holder; from 1
 * @param since when the holder took it, by its own clock, to the second; for people
 * @param host where the holder runs; for people
 * @param released whether the holder has given it back
 * @param replaced the holder it was taken from without having been given back; empty if none
 * @param revision the number of the message; 0 before it is stored
 */
public record Lease(
        String holder,
        String instance,
        long epoch,
        Instant since,
        String host,
        boolean released,
        String replaced,
        long revision) {

    private static final String HOLDER = "Ponix-Lease-Holder";
    private static final String INSTANCE = "Ponix-Lease-Instance";
    private static final String EPOCH = "Ponix-Lease-Epoch";
    private static final String SINCE = "Ponix-Lease-Since";
    private static final String HOST = "Ponix-Lease-Host";
    private static final String RELEASED = "Ponix-Lease-Released";
    private static final String REPLACED = "Ponix-Lease-Replaced";

    /** Whether somebody has it, as far as the store knows. */
    public boolean isHeld() {
        return !released;
    }

    /** Whether this holder has it. */
    public boolean isHeldBy(String name) {
        return isHeld() && holder.equals(name);
    }

    Lease asReleased() {
        return new Lease(holder, instance, epoch, since, host, true, replaced, revision);
    }

    Headers headers() {
        return new Headers()
                .add(HOLDER, holder)
                .add(INSTANCE, instance)
                .add(EPOCH, Long.toString(epoch))
                .add(SINCE, since.toString())
                .add(HOST, host)
                .add(RELEASED, Boolean.toString(released))
                .add(REPLACED, replaced);
    }

    /** Whether a job wrote it; else nobody knows what it stood in for. */
    boolean isReadable() {
        return !instance.isEmpty();
    }

    /**
     * What a message says. One that is no lease takes the place of one of which nothing is known,
     * so it is held: a holder that is alive soon writes over it. Its epoch is the message's number,
     * which no epoch before it has reached.
     */
    static Lease of(MessageInfo message) {
        Headers headers = message.getHeaders();
        try {
            return new Lease(
                    requireNonNull(headers.getFirst(HOLDER)),
                    requireNonNull(headers.getFirst(INSTANCE)),
                    Long.parseLong(headers.getFirst(EPOCH)),
                    Instant.parse(headers.getFirst(SINCE)),
                    requireNonNull(headers.getFirst(HOST)),
                    Boolean.parseBoolean(headers.getFirst(RELEASED)),
                    requireNonNull(headers.getFirst(REPLACED)),
                    message.getSeq());
        } catch (RuntimeException e) {
            return unreadable(message.getSeq());
        }
    }

    /** What stands for a message that is no lease. */
    static Lease unreadable(long revision) {
        return new Lease(
                "nobody known (message "
                        + revision
                        + " of stream "
                        + LeaseStore.STREAM
                        + " is no lease)",
                "",
                revision,
                Instant.EPOCH,
                "unknown",
                false,
                "",
                revision);
    }
}
