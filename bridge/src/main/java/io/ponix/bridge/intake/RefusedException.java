package io.ponix.bridge.intake;

import io.ponix.proto.uplink.v1.RefusalReason;

/** There is no envelope of a message. */
final class RefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient Refusal refusal;

    RefusedException(RefusalReason reason, String message) {
        super(message, null, false, false);
        this.refusal = new Refusal(reason, message);
    }

    Refusal refusal() {
        return refusal;
    }
}
