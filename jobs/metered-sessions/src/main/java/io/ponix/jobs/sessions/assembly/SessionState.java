package io.ponix.jobs.sessions.assembly;

import io.ponix.jobs.message.RawMessage;
import io.ponix.sessions.SessionHistory;

/** What is kept of a session. */
final class SessionState {

    private final SessionHistory history;
    private long taken;
    private long leftOut;
    private long lastHeard;
    private long timer;
    private boolean isEnded;
    private boolean isIdle;
    private boolean isPending;
    private RawMessage origin;

    /**
     * @param origin the envelope that told of it first
     */
    SessionState(SessionHistory history, RawMessage origin) {
        this.history = history;
        this.origin = origin;
    }

    SessionHistory history() {
        return history;
    }

    /** How many messages came, whatever came of them. */
    long taken() {
        return taken;
    }

    /** How many of them were left out, or cut, as the session had too much. */
    long leftOut() {
        return leftOut;
    }

    /** When the last one was received, in milliseconds since 1970. */
    long lastHeard() {
        return lastHeard;
    }

    /** The envelope of the last one, without its bytes. */
    RawMessage origin() {
        return origin;
    }

    /** Takes note of a message. */
    void take(RawMessage of) {
        taken++;
        lastHeard = Math.max(lastHeard, of.receivedAt());
        isIdle = false;
        origin = of;
    }

    void leaveOut() {
        leftOut++;
    }

    /**
     * Grows with what is known, and is the same wherever the same is known: by how many messages
     * came, and of the same ones after the session was found idle.
     */
    long version() {
        return 2 * taken + (isIdle ? 1 : 0);
    }

    /** When it is looked at again; 0: nothing is due. */
    long timer() {
        return timer;
    }

    void setTimer(long time) {
        timer = time;
    }

    /** Whether it was over when it was last told of. */
    boolean isEnded() {
        return isEnded;
    }

    void setEnded(boolean ended) {
        isEnded = ended;
    }

    /** Whether nothing was heard of it for long. */
    boolean isIdle() {
        return isIdle;
    }

    void setIdle(boolean idle) {
        isIdle = idle;
    }

    /** Whether it has changed since it was last told of. */
    boolean isPending() {
        return isPending;
    }

    void setPending(boolean pending) {
        isPending = pending;
    }

    /** As it was written. */
    static SessionState restored(
            SessionHistory history, RawMessage origin, long taken, long leftOut, long lastHeard) {
        SessionState state = new SessionState(history, origin);
        state.taken = taken;
        state.leftOut = leftOut;
        state.lastHeard = lastHeard;
        return state;
    }
}
