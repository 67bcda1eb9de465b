package io.ponix.proto.envelope;

import io.ponix.proto.uplink.v1.RefusalReason;

/** There is no envelope of what a gateway received; the message says why, for who has sent it. */
public final class EnvelopeRefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final RefusalReason reason;

    /**
     * @param message what is wrong, in one line
     */
    public EnvelopeRefusedException(RefusalReason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    /** The kind of what is wrong. */
    public RefusalReason reason() {
        return reason;
    }
}
