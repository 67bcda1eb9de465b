package io.ponix.sessions;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What is known of a session by now. It is the same whatever the order in which its events came,
 * and however often each did; only {@link RecordedValue#arrival} tells of that.
 *
 * @param isEnded whether it is over
 * @param start when it started, if that was said
 * @param end when it ended, if it has
 * @param token who charged; empty where it is not known
 * @param reason why it ended; {@code Local} where the station ended it and did not say why (OCPP's
 *     default), empty while it goes on
 * @param connector where at the station; empty where it is not known
 * @param firstRegister the register that its energy is counted from, in Wh, if it is known
 * @param lastRegister the latest register, in Wh, if there is one
 * @param energy in Wh, never negative; empty where it is not known
 * @param isComplete whether it ended and all messages from its first to its last are there
 * @param missing how many of these are not, so far
 * @param flags what is odd about it
 * @param events how many there were, each once
 * @param meterValues in the order in which they were measured
 */
public record Session(
        boolean isEnded,
        Optional<Instant> start,
        Optional<Instant> end,
        String token,
        String reason,
        String connector,
        Optional<BigDecimal> firstRegister,
        Optional<BigDecimal> lastRegister,
        Optional<BigDecimal> energy,
        boolean isComplete,
        long missing,
        Set<Flag> flags,
        int events,
        List<RecordedValue> meterValues) {}
