package io.ponix.connector.nats.source.reader;

import java.io.IOException;

/**
 * The stream ends before what was read of it. Of a cluster a new leader may say so for a moment,
 * until it has applied what the old one had stored; if it stays so, messages are lost.
 */
final class StreamBehindException extends IOException {

    private static final long serialVersionUID = 1L;

    StreamBehindException(String message) {
        super(message);
    }
}
