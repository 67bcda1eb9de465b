package io.ponix.jobs.sessions.event;

import io.ponix.jobs.deadletter.DeadLetter;
import io.ponix.jobs.message.RawMessage;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import org.apache.flink.util.OutputTag;

/** What is given up of the stream: dead letters of the one reason that there is here. */
public final class Letters {

    /** Where operators put them. */
    public static final OutputTag<DeadLetter> TAG =
            new OutputTag<>("dead-letters", DeadLetter.TYPE);

    private Letters() {}

    /**
     * A letter of an envelope, or of one message in it.
     *
     * @param originSize how many bytes the envelope has; more than {@code origin} where these are
     *     left in the stream
     * @param stationId who is told of it; may be empty
     * @param what is wrong, for a person
     */
    public static DeadLetter of(
            RawMessage origin,
            int originSize,
            String organizationId,
            String stationId,
            String what) {
        return new DeadLetter(
                origin,
                originSize,
                organizationId,
                stationId,
                "",
                DeadLetterReason.DEAD_LETTER_REASON_SESSION_EVENT_INVALID,
                what,
                System.currentTimeMillis());
    }
}
