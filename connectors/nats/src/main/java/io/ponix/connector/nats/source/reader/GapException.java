package io.ponix.connector.nats.source.reader;

import java.io.IOException;

/** Messages are gone before they were read, and the gap policy says to fail. */
final class GapException extends IOException {

    private static final long serialVersionUID = 1L;

    GapException(String message) {
        super(message);
    }
}
