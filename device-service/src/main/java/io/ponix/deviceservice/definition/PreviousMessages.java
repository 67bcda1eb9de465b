package io.ponix.deviceservice.definition;

import io.ponix.proto.end_device.v1.PreviousResult;
import java.time.DateTimeException;
import java.time.Instant;

/** Reads what a request says of the envelope before. */
public final class PreviousMessages {

    private PreviousMessages() {}

    /**
     * What an expression sees as {@code previous}.
     *
     * @throws IllegalArgumentException if the result is not a JSON object or a list of objects, or
     *     cannot be kept; says so
     */
    public static io.ponix.transforms.PreviousResult read(PreviousResult message) {
        try {
            return io.ponix.transforms.PreviousResult.of(
                    message.getJson(),
                    Instant.ofEpochSecond(
                            message.getOccurredAt().getSeconds(),
                            message.getOccurredAt().getNanos()),
                    message.getFPort());
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("previous.occurred_at is out of range", e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("previous.json: " + e.getMessage(), e);
        }
    }
}
