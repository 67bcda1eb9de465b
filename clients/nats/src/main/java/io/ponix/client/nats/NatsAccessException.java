package io.ponix.client.nats;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * The server refuses what we ask for, or what we ask for does not exist: trying again would not
 * help.
 */
@API(status = Status.EXPERIMENTAL)
public final class NatsAccessException extends IOException {

    private static final long serialVersionUID = 1L;

    private final ArrayList<NatsVariable> toBlame = new ArrayList<>();

    /**
     * @param message what was refused, and which setting to change
     * @param cause the client's exception, or null
     */
    public NatsAccessException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * @param toBlame what a person should look at
     */
    NatsAccessException(String message, Throwable cause, NatsVariable... toBlame) {
        super(message, cause);
        this.toBlame.addAll(List.of(toBlame));
    }

    /** The variables that a person should look at; none where it is about what a user may do. */
    public List<NatsVariable> toBlame() {
        return Collections.unmodifiableList(toBlame);
    }
}
