package io.ponix.connector.nats.source.reader;

import java.io.IOException;
import org.apache.flink.runtime.throwable.ThrowableAnnotation;
import org.apache.flink.runtime.throwable.ThrowableType;

/** The stream went back and the policy says to fail: the job is not restarted. */
@ThrowableAnnotation(ThrowableType.NonRecoverableError)
final class RewoundStreamException extends IOException {

    private static final long serialVersionUID = 1L;

    RewoundStreamException(String message) {
        super(message);
    }
}
