package io.ponix.client.tls;

import java.io.IOException;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/** A file of authorities or keys that cannot be used: trying again would not help. */
@API(status = Status.EXPERIMENTAL)
public final class TlsException extends IOException {

    private static final long serialVersionUID = 1L;

    TlsException(String message, Throwable cause) {
        super(message, cause);
    }
}
