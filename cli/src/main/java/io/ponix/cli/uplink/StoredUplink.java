package io.ponix.cli.uplink;

import io.ponix.proto.uplink.v1.RefusalReason;
import io.ponix.proto.uplink.v1.RefusedUplink;
import java.util.Arrays;
import java.util.List;

/**
 * A refused uplink as it lies in its stream.
 *
 * @param number its sequence in the stream: what {@code show} takes
 * @param content what the bridge published
 */
public record StoredUplink(long number, RefusedUplink content) {

    private static final String PREFIX = "REFUSAL_REASON_";

    /** The reason's name, for instance {@code INTAKE}. */
    public String reason() {
        return name(content.getReason());
    }

    /** The names of all reasons. */
    public static List<String> reasons() {
        return Arrays.stream(RefusalReason.values())
                .filter(
                        reason ->
                                reason != RefusalReason.UNRECOGNIZED
                                        && reason != RefusalReason.REFUSAL_REASON_UNSPECIFIED)
                .map(StoredUplink::name)
                .toList();
    }

    private static String name(RefusalReason reason) {
        return reason.name().replaceFirst("^" + PREFIX, "");
    }

    /** Whether the payload is all of what was received. */
    boolean isWhole() {
        return content.getPayload().size() == content.getPayloadSize();
    }
}
