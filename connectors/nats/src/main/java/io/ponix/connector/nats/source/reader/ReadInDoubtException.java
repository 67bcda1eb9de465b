package io.ponix.connector.nats.source.reader;

import java.io.IOException;

/**
 * The stream went back, and messages were read behind others that were not: the job restarts from
 * its last checkpoint, and reads on where the histories part.
 */
final class ReadInDoubtException extends IOException {

    private static final long serialVersionUID = 1L;

    ReadInDoubtException(String message) {
        super(message);
    }
}
