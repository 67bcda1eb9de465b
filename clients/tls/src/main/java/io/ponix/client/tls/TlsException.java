package io.ponix.client.tls;

import java.io.IOException;

/** A file of authorities or keys that cannot be used: trying again would not help. */
public final class TlsException extends IOException {

    private static final long serialVersionUID = 1L;

    TlsException(String message, Throwable cause) {
        super(message, cause);
    }
}
