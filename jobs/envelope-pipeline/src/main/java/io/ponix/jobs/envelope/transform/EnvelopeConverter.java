package io.ponix.jobs.envelope.transform;

import io.ponix.jobs.envelope.devices.Definition;
import io.ponix.jobs.envelope.devices.Device;
import io.ponix.jobs.envelope.devices.DeviceDirectory;
import io.ponix.jobs.envelope.devices.TransformKey;
import io.ponix.jobs.envelope.inbound.InboundEnvelope;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.envelope.EnvelopeSubjects;
import io.ponix.transforms.PayloadContracts;

/**
 * Finds what decodes an envelope and has it decoded, or says why it cannot be. The checks run in
 * the order that {@link DeadLetterReason} gives. Not thread-safe.
 */
final class EnvelopeConverter {

    private final DeviceDirectory directory;
    private final CompiledContracts compiled;
    private final EnvelopeDecoding decoding;
    private final StorableTimes times;
    private final boolean subjectMustMatch;

    // Of the last envelope that was not refused.
    private Device device;
    private Definition definition;

    EnvelopeConverter(
            DeviceDirectory directory,
            CompiledContracts compiled,
            EnvelopeDecoding decoding,
            TransformSettings settings) {
        this.directory = directory;
        this.compiled = compiled;
        this.decoding = decoding;
        this.times = new StorableTimes(settings);
        this.subjectMustMatch = settings.subjectMustMatch();
    }

    /**
     * Converts an envelope.
     *
     * @param now the job's clock, in milliseconds since 1970, or {@link
     *     StorableTimes#ACCEPTED_BEFORE}
     */
    Outcome convert(InboundEnvelope envelope, long now) throws Exception {
        Outcome refusal = refusal(envelope, now);
        if (refusal != null) {
            return refusal;
        }
        CompiledContracts.Compilation compilation = compile();
        PayloadContracts contracts = compilation.contracts();
        if (contracts == null) {
            return decoding.fail(device, definition, compilation);
        }
        return contracts.usesPrevious()
                ? Outcome.AFTER_PREVIOUS
                : decoding.decode(envelope, device, definition, contracts, null, now);
    }

    /**
     * Whether {@link #convert} would give {@link Outcome#AFTER_PREVIOUS} for an envelope that is
     * stored; decodes nothing.
     */
    boolean isAfterPrevious(InboundEnvelope envelope) throws Exception {
        if (!directory.mayUsePrevious()
                || refusal(envelope, StorableTimes.ACCEPTED_BEFORE) != null) {
            return false;
        }
        PayloadContracts contracts = compile().contracts();
        return contracts != null && contracts.usesPrevious();
    }

    /** The last envelope that is to be decoded after the one before, with what decodes it. */
    KnownEnvelope known(InboundEnvelope envelope) {
        return KnownEnvelope.of(
                envelope.message(),
                device,
                definition,
                directory.transform(
                        definition == null ? device.transform() : definition.contracts()));
    }

    private CompiledContracts.Compilation compile() {
        TransformKey key = definition == null ? device.transform() : definition.contracts();
        CompiledContracts.Compilation compilation = compiled.get(key);
        return compilation != null
                ? compilation
                : compiled.compile(key, directory.transform(key), definition != null);
    }

    /** Why an envelope is not decoded; null if it is, by what was found. */
    private Outcome refusal(InboundEnvelope envelope, long now) {
        if (envelope.malformation() != null) {
            return decoding.fail(
                    DeadLetterReason.DEAD_LETTER_REASON_MALFORMED_ENVELOPE,
                    "Not a RawEnvelope: " + envelope.malformation());
        }
        if (envelope.endDeviceId().isEmpty()) {
            if (envelope.externalId().isEmpty()) {
                return decoding.fail(
                        DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND,
                        "The envelope names no device");
            }
            if (envelope.organizationId().isEmpty()) {
                return decoding.fail(
                        DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND,
                        "The envelope names a device by external_id, but no organization_id");
            }
        }
        if (subjectMustMatch && !isOfItsSubject(envelope)) {
            return decoding.fail(
                    DeadLetterReason.DEAD_LETTER_REASON_SUBJECT_MISMATCH,
                    "The envelope names the device '"
                            + envelope.endDeviceId()
                            + envelope.externalId()
                            + "', and was published on '"
                            + envelope.message().subject()
                            + "'");
        }
        device = device(envelope);
        if (device == null) {
            return Outcome.UNKNOWN_DEVICE;
        }
        if (device.deleted()) {
            return decoding.fail(
                    DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND, "The device is deleted");
        }
        if (!device.organizationId().equals(envelope.organizationId())) {
            return decoding.fail(
                    DeadLetterReason.DEAD_LETTER_REASON_ORGANIZATION_MISMATCH,
                    "The envelope names the organization '"
                            + envelope.organizationId()
                            + "', the device belongs to '"
                            + device.organizationId()
                            + "'");
        }
        if (!directory.isActive(device.organizationId())) {
            return decoding.fail(
                    DeadLetterReason.DEAD_LETTER_REASON_ORGANIZATION_NOT_ACTIVE,
                    "The organization '" + device.organizationId() + "' is deleted or missing");
        }
        definition = null;
        if (device.transform() == null) {
            if (device.definitionId() == null) {
                return decoding.fail(
                        DeadLetterReason.DEAD_LETTER_REASON_NO_CONVERSION,
                        "The device has neither a payload_conversion nor a definition");
            }
            definition = directory.definition(device.definitionId());
            if (definition == null) {
                return Outcome.UNKNOWN_DEFINITION;
            }
        }
        if (!envelope.hasOccurredAt()) {
            return decoding.fail(
                    DeadLetterReason.DEAD_LETTER_REASON_TIMESTAMP_OUT_OF_RANGE,
                    "occurred_at is missing");
        }
        if (!times.isStorable(envelope.occurredAtSeconds(), envelope.occurredAtNanos(), now)) {
            return decoding.fail(
                    DeadLetterReason.DEAD_LETTER_REASON_TIMESTAMP_OUT_OF_RANGE,
                    "occurred_at "
                            + times.explain(
                                    envelope.occurredAtSeconds(), envelope.occurredAtNanos(), now));
        }
        return null;
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
}
