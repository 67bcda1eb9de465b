package io.ponix.connector.nats.source.reader;

import io.ponix.connector.nats.source.message.JetStreamMessage;

/** A message on its way from the fetcher to the task, with what the fetcher knows about it. */
interface FetchedMessage extends JetStreamMessage {

    /**
     * Whether there is a message. If not, it is about the stream alone: the fetcher goes on with
     * another one, or another history of it, and the position follows although no message of the
     * split came of it yet.
     */
    boolean isMessage();

    /** How often its stream went back since the split was given to the fetcher. */
    int rewinds();

    /**
     * If it did: the first sequence whose message is not the one that was read before. The position
     * follows with this message, so that a checkpoint never mixes two histories.
     */
    long sharedBefore();
}
