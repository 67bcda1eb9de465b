package io.ponix.deviceservice.charging.session;

import java.math.BigDecimal;
import java.time.Instant;

/**
 * The register of the energy delivered, of all phases together, as it was read within a session.
 */
record RegisterRead(Instant time, BigDecimal wattHours) {}
