package io.ponix.connector.nats.source.reader;

import io.ponix.connector.nats.source.JetStreamMessage;

/** A message on its way from the fetcher to the task, with what the fetcher knows about it. */
interface FetchedMessage extends JetStreamMessage {

    /** How often its stream went back since the split was given to the fetcher. */
    int rewinds();

    /**
     * If it did: the first sequence whose message is not the one that was read before. The position
     * follows with this message, so that a checkpoint never mixes two histories.
     */
    long sharedBefore();
}
