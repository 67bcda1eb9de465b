package io.ponix.connector.nats.source.reader;

import java.io.IOException;
import org.apache.flink.runtime.throwable.ThrowableAnnotation;
import org.apache.flink.runtime.throwable.ThrowableType;

/** Messages are gone before they were read, and the gap policy says to fail. */
@ThrowableAnnotation(ThrowableType.NonRecoverableError)
final class GapException extends IOException {

    private static final long serialVersionUID = 1L;

    GapException(String message) {
        super(message);
    }
}
