package io.ponix.jobs.envelope.transform;

import io.ponix.jobs.envelope.devices.Definition;
import io.ponix.jobs.envelope.devices.Device;
import io.ponix.jobs.envelope.devices.TransformKey;
import io.ponix.jobs.message.RawMessage;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Envelopes as they go to the operator that decodes a device's one after another. */
public final class KnownEnvelopes {

    private KnownEnvelopes() {}

    /** One of a device with a definition, of which some rows are stored. */
    public static KnownEnvelope storedInPart(RawMessage message, Integer... rows) {
        String contracts = "[]";
        TransformKey key = TransformKey.ofContracts(contracts);
        return KnownEnvelope.of(
                        message,
                        new Device("d", "org", "D", null, "def", null, 0, false),
                        new Definition("Meter", key, 7),
                        contracts)
                .storedInPart(Arrays.stream(rows).collect(Collectors.toSet()));
    }
}
