package io.ponix.connector.nats.source.reader;

import java.io.IOException;
import org.apache.flink.runtime.throwable.ThrowableAnnotation;
import org.apache.flink.runtime.throwable.ThrowableType;

/** The stream is another one than was read so far, and the policy says to fail. */
@ThrowableAnnotation(ThrowableType.NonRecoverableError)
final class RecreatedStreamException extends IOException {

    private static final long serialVersionUID = 1L;

    RecreatedStreamException(String message) {
        super(message);
    }
}
