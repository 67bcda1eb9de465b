package io.ponix.jobs.envelope.transform;

import io.ponix.jobs.envelope.devices.Definition;
import io.ponix.jobs.envelope.devices.Device;
import io.ponix.jobs.envelope.devices.DeviceDirectory;
import io.ponix.jobs.envelope.devices.TransformKey;
import io.ponix.jobs.envelope.inbound.InboundEnvelope;
import io.ponix.jobs.envelope.inbound.RawMessage;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.envelope.EnvelopeSubjects;
import io.ponix.transforms.ContractException;
import io.ponix.transforms.JsonBuffer;
import io.ponix.transforms.PayloadContracts;
import io.ponix.transforms.TransformInput;
import java.time.Duration;
import java.time.Instant;

/**
 * Turns one envelope into its rows, or says why it cannot be any. The checks run in the order that
 * {@link DeadLetterReason} gives. Not thread-safe.
 */
final class EnvelopeConverter {

    private final DeviceDirectory directory;
    private final CompiledContracts compiled;
    private final Duration allowedAge;
    private final Duration allowedFutureSkew;
    private final long allowedFutureSkewMillis;
    private final boolean subjectMustMatch;

    private final TransformInput input = new TransformInput();
    private final JsonBuffer json = new JsonBuffer();
    private final EnvelopeRows rows = new EnvelopeRows();

    private DeadLetterReason failure;
    private String failureMessage;

    /** What became of an envelope. */
    enum Outcome {
        /** {@link #rows()} holds them, one at least. */
        ROWS,
        /** Its transform gave an empty list: it is meant to have no row. */
        EMPTY,
        /** Its device is not known yet. */
        UNKNOWN_DEVICE,
        /** Its device is known, but not yet the definition that the device refers to. */
        UNKNOWN_DEFINITION,
        /** No contract of its device's definition applies to it. */
        UNMATCHED,
        /** {@link #failure()} and {@link #failureMessage()} say why it has no rows. */
        FAILED
    }

    EnvelopeConverter(
            DeviceDirectory directory, CompiledContracts compiled, TransformSettings settings) {
        this.directory = directory;
        this.compiled = compiled;
        this.allowedAge = settings.allowedAge();
        this.allowedFutureSkew = settings.allowedFutureSkew();
        this.allowedFutureSkewMillis = allowedFutureSkew.toMillis();
        this.subjectMustMatch = settings.subjectMustMatch();
    }

    /** The rows of the last envelope that became some; overwritten by the next. */
    EnvelopeRows rows() {
        return rows;
    }

    /** Why the last envelope failed. */
    DeadLetterReason failure() {
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
            return fail(
                    DeadLetterReason.DEAD_LETTER_REASON_MALFORMED_ENVELOPE,
                    "Not a RawEnvelope: " + envelope.malformation());
        }
        if (envelope.endDeviceId().isEmpty()) {
            if (envelope.externalId().isEmpty()) {
                return fail(
                        DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND,
                        "The envelope names no device");
            }
            if (envelope.organizationId().isEmpty()) {
                return fail(
                        DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND,
                        "The envelope names a device by external_id, but no organization_id");
            }
        }
        if (subjectMustMatch && !isOfItsSubject(envelope)) {
            return fail(
                    DeadLetterReason.DEAD_LETTER_REASON_SUBJECT_MISMATCH,
                    "The envelope names the device '"
                            + envelope.endDeviceId()
                            + envelope.externalId()
                            + "', and was published on '"
                            + envelope.message().subject()
                            + "'");
        }
        Device device = device(envelope);
        if (device == null) {
            return Outcome.UNKNOWN_DEVICE;
        }
        if (device.deleted()) {
            return fail(
                    DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND, "The device is deleted");
        }
        if (!device.organizationId().equals(envelope.organizationId())) {
            return fail(
                    DeadLetterReason.DEAD_LETTER_REASON_ORGANIZATION_MISMATCH,
                    "The envelope names the organization '"
                            + envelope.organizationId()
                            + "', the device belongs to '"
                            + device.organizationId()
                            + "'");
        }
        if (!directory.isActive(device.organizationId())) {
            return fail(
                    DeadLetterReason.DEAD_LETTER_REASON_ORGANIZATION_NOT_ACTIVE,
                    "The organization '" + device.organizationId() + "' is deleted or missing");
        }
        Definition definition = null;
        if (device.transform() == null) {
            if (device.definitionId() == null) {
                return fail(
                        DeadLetterReason.DEAD_LETTER_REASON_NO_CONVERSION,
                        "The device has neither a payload_conversion nor a definition");
            }
            definition = directory.definition(device.definitionId());
            if (definition == null) {
                return Outcome.UNKNOWN_DEFINITION;
            }
        }
        if (!envelope.hasOccurredAt()) {
            return fail(
                    DeadLetterReason.DEAD_LETTER_REASON_TIMESTAMP_OUT_OF_RANGE,
                    "occurred_at is missing");
        }
        if (!isStorable(envelope.occurredAtSeconds(), envelope.occurredAtNanos(), now)) {
            return fail(
                    DeadLetterReason.DEAD_LETTER_REASON_TIMESTAMP_OUT_OF_RANGE,
                    "occurred_at "
                            + explain(
                                    envelope.occurredAtSeconds(), envelope.occurredAtNanos(), now));
        }
        return transform(envelope, device, definition, now);
    }

    private boolean isStorable(long seconds, int nanos, long now) {
        long earliest = allowedAge == null ? 0 : now - allowedAge.toMillis();
        return OccurredAt.isStorable(seconds, nanos, earliest, now + allowedFutureSkewMillis);
    }

    private String explain(long seconds, int nanos, long now) {
        return OccurredAt.explain(seconds, nanos, now, allowedAge, allowedFutureSkew);
    }

    private static boolean isOfItsSubject(InboundEnvelope envelope) {
        String subject = envelope.message().subject();
        return envelope.externalId().isEmpty()
                ? EnvelopeSubjects.allows(subject, envelope.endDeviceId())
                : EnvelopeSubjects.allowsExternal(subject, envelope.externalId());
    }

    /**
     * The device that an envelope names.
     *
     * @return {@code null} if it is not known
     */
    Device device(InboundEnvelope envelope) {
        return envelope.externalId().isEmpty()
                ? directory.device(envelope.endDeviceId())
                : directory.deviceOfExternalId(envelope.organizationId(), envelope.externalId());
    }

    /**
     * @param definition the device's, or {@code null} if the device has a transform of its own
     */
    private Outcome transform(
            InboundEnvelope envelope, Device device, Definition definition, long now)
            throws Exception {
        CompiledContracts.Compilation compilation =
                definition == null ? own(device.transform()) : shared(definition.contracts());
        if (compilation.contracts() == null) {
            return fail(
                    DeadLetterReason.DEAD_LETTER_REASON_CONVERSION_FAILED,
                    of(device, definition) + compilation.failure());
        }
        json.reset();
        RawMessage message = envelope.message();
        input.setPayload(message.data(), envelope.payloadOffset(), envelope.payloadLength())
                .setFPort(envelope.fPort())
                .setAttributes(envelope.attributes())
                .setOccurredAt(envelope.occurredAtSeconds(), envelope.occurredAtNanos())
                .setDevice(device.id(), device.name(), device.organizationId());
        int contract;
        try {
            contract = compilation.contracts().evaluate(input, json);
        } catch (ContractException e) {
            String failed =
                    of(device, definition) + (definition == null ? "" : place(e)) + e.getMessage();
            return switch (e.kind()) {
                case EVALUATION_FAILED ->
                        fail(DeadLetterReason.DEAD_LETTER_REASON_CONVERSION_FAILED, failed);
                // The decoder's own words, and no others.
                case REFUSED ->
                        fail(DeadLetterReason.DEAD_LETTER_REASON_CONVERSION_FAILED, e.getMessage());
                case INVALID_OUTPUT ->
                        fail(DeadLetterReason.DEAD_LETTER_REASON_INVALID_OUTPUT, failed);
                case SCHEMA_VIOLATION ->
                        fail(DeadLetterReason.DEAD_LETTER_REASON_SCHEMA_VIOLATION, failed);
            };
        }
        if (contract == PayloadContracts.NO_MATCH) {
            return Outcome.UNMATCHED;
        }
        if (json.rowCount() == 0) {
            return Outcome.EMPTY;
        }
        rows.organizationId = device.organizationId();
        rows.endDeviceId = device.id();
        rows.processedAt = now;
        rows.stream = message.stream();
        rows.streamSequence = message.sequence();
        rows.receivedAt = message.receivedAt();
        rows.definitionId = definition == null ? "" : device.definitionId();
        rows.contractIndex = contract;
        rows.transformVersion = definition == null ? device.version() : definition.version();
        rows.warnings = json.warnings();
        rows.setJson(json);
        return setTimes(envelope, of(device, definition), now);
    }

    /** Each row's own time, or else the envelope's. */
    private Outcome setTimes(InboundEnvelope envelope, String prefix, long now) {
        long ofEnvelope =
                OccurredAt.millis(envelope.occurredAtSeconds(), envelope.occurredAtNanos());
        for (int row = 0; row < json.rowCount(); row++) {
            Instant time = json.rowTime(row);
            if (time == null) {
                rows.setOccurredAt(row, ofEnvelope);
            } else if (isStorable(time.getEpochSecond(), time.getNano(), now)) {
                rows.setOccurredAt(row, OccurredAt.millis(time.getEpochSecond(), time.getNano()));
            } else {
                return fail(
                        DeadLetterReason.DEAD_LETTER_REASON_TIMESTAMP_OUT_OF_RANGE,
                        prefix
                                + (json.isList() ? "$[" + row + "]" : "$")
                                + ".occurred_at "
                                + explain(time.getEpochSecond(), time.getNano(), now));
            }
        }
        return Outcome.ROWS;
    }

    private CompiledContracts.Compilation own(TransformKey transform) throws Exception {
        CompiledContracts.Compilation compilation = compiled.get(transform);
        return compilation != null
                ? compilation
                : compiled.compileTransform(transform, directory.transform(transform));
    }

    private CompiledContracts.Compilation shared(TransformKey contracts) throws Exception {
        CompiledContracts.Compilation compilation = compiled.get(contracts);
        return compilation != null
                ? compilation
                : compiled.compileContracts(contracts, directory.transform(contracts));
    }

    private static String of(Device device, Definition definition) {
        return definition == null
                ? ""
                : "Definition '" + definition.name() + "' (" + device.definitionId() + "): ";
    }

    private static String place(ContractException e) {
        return "contract " + (e.contract() + 1) + ", " + e.part().field() + ": ";
    }

    private Outcome fail(DeadLetterReason reason, String message) {
        failure = reason;
        failureMessage = String.valueOf(message);
        return Outcome.FAILED;
    }
}
