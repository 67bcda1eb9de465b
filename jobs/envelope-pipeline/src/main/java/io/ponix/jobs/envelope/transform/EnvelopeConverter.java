package io.ponix.jobs.envelope.transform;

import io.ponix.jobs.envelope.deadletter.Reason;
import io.ponix.jobs.envelope.devices.Device;
import io.ponix.jobs.envelope.devices.DeviceDirectory;
import io.ponix.jobs.envelope.devices.TransformKey;
import io.ponix.jobs.envelope.envelope.InboundEnvelope;
import io.ponix.transforms.JsonBuffer;
import io.ponix.transforms.TransformException;
import io.ponix.transforms.TransformInput;
import java.time.Duration;

/**
 * Turns one envelope into one row, or says why it cannot be one. The checks run in the order that
 * {@link Reason} gives. Not thread-safe.
 */
final class EnvelopeConverter {

    private final DeviceDirectory directory;
    private final CompiledTransforms transforms;
    private final Duration allowedFutureSkew;
    private final long allowedFutureSkewMillis;

    private final TransformInput input = new TransformInput();
    private final JsonBuffer json = new JsonBuffer();
    private final ProcessedRow row = new ProcessedRow();

    private Reason failure;
    private String failureMessage;

    /** What became of an envelope. */
    enum Outcome {
        /** {@link #row()} holds it. */
        ROW,
        /** Its device is not known yet. */
        UNKNOWN_DEVICE,
        /** {@link #failure()} and {@link #failureMessage()} say why it is not a row. */
        FAILED
    }

    EnvelopeConverter(
            DeviceDirectory directory, CompiledTransforms transforms, Duration allowedFutureSkew) {
        this.directory = directory;
        this.transforms = transforms;
        this.allowedFutureSkew = allowedFutureSkew;
        this.allowedFutureSkewMillis = allowedFutureSkew.toMillis();
    }

    /** The row of the last envelope that became one; overwritten by the next. */
    ProcessedRow row() {
        return row;
    }

    /** Why the last envelope failed. */
    Reason failure() {
        return failure;
    }

    /** Why the last envelope failed, for a person. */
    String failureMessage() {
        return failureMessage;
    }

    /**
     * Converts an envelope.
     *
     * @param now the job's clock, in milliseconds since 1970
     */
    Outcome convert(InboundEnvelope envelope, long now) throws Exception {
        if (envelope.malformation() != null) {
            return fail(Reason.MALFORMED_ENVELOPE, "Not a RawEnvelope: " + envelope.malformation());
        }
        if (envelope.endDeviceId().isEmpty()) {
            return fail(Reason.DEVICE_NOT_FOUND, "The envelope names no device");
        }
        Device device = directory.device(envelope.endDeviceId());
        if (device == null) {
            return Outcome.UNKNOWN_DEVICE;
        }
        if (device.deleted()) {
            return fail(Reason.DEVICE_NOT_FOUND, "The device is deleted");
        }
        if (!device.organizationId().equals(envelope.organizationId())) {
            return fail(
                    Reason.ORGANIZATION_MISMATCH,
                    "The envelope names the organization '"
                            + envelope.organizationId()
                            + "', the device belongs to '"
                            + device.organizationId()
                            + "'");
        }
        if (!directory.isActive(device.organizationId())) {
            return fail(
                    Reason.ORGANIZATION_NOT_ACTIVE,
                    "The organization '" + device.organizationId() + "' is deleted or missing");
        }
        if (device.transform() == null) {
            return fail(Reason.NO_CONVERSION, "The device has no payload_conversion");
        }
        if (!OccurredAt.isStorable(envelope, now + allowedFutureSkewMillis)) {
            return fail(
                    Reason.TIMESTAMP_OUT_OF_RANGE,
                    OccurredAt.explain(envelope, now, allowedFutureSkew));
        }
        return transform(envelope, device, now);
    }

    private Outcome transform(InboundEnvelope envelope, Device device, long now) throws Exception {
        TransformKey key = device.transform();
        CompiledTransforms.Compilation compilation = transforms.get(key);
        if (compilation == null) {
            compilation = transforms.compile(key, directory.transform(key));
        }
        if (compilation.transform() == null) {
            return fail(Reason.CONVERSION_FAILED, compilation.failure());
        }
        json.reset();
        input.setPayload(envelope.data(), envelope.payloadOffset(), envelope.payloadLength())
                .setFPort(envelope.fPort())
                .setAttributes(envelope.attributes())
                .setOccurredAt(envelope.occurredAtSeconds(), envelope.occurredAtNanos())
                .setDevice(envelope.endDeviceId(), device.name(), device.organizationId());
        try {
            compilation.transform().evaluate(input, json);
        } catch (TransformException e) {
            return switch (e.kind()) {
                case EVALUATION_FAILED -> fail(Reason.CONVERSION_FAILED, e.getMessage());
                case INVALID_OUTPUT -> fail(Reason.INVALID_OUTPUT, e.getMessage());
            };
        }
        row.organizationId = device.organizationId();
        row.endDeviceId = envelope.endDeviceId();
        row.occurredAt = OccurredAt.millis(envelope);
        row.processedAt = now;
        row.setJson(json);
        row.stream = envelope.stream();
        row.streamSequence = envelope.streamSequence();
        row.receivedAt = envelope.receivedAt();
        return Outcome.ROW;
    }

    private Outcome fail(Reason reason, String message) {
        failure = reason;
        failureMessage = String.valueOf(message);
        return Outcome.FAILED;
    }
}
