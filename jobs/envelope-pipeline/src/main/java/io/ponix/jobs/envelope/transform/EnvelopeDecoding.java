package io.ponix.jobs.envelope.transform;

import io.ponix.jobs.envelope.devices.Definition;
import io.ponix.jobs.envelope.devices.Device;
import io.ponix.jobs.envelope.inbound.InboundEnvelope;
import io.ponix.jobs.message.RawMessage;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.transforms.ContractException;
import io.ponix.transforms.JsonBuffer;
import io.ponix.transforms.PayloadContracts;
import io.ponix.transforms.PreviousResult;
import io.ponix.transforms.TransformInput;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.Set;

/**
 * Turns an envelope whose device and contracts are known into its rows, or says why it has none.
 * Not thread-safe.
 */
final class EnvelopeDecoding {

    /**
     * The most months that the rows of an envelope may be of: they are inserted together, and each
     * is a part that everybody waits for.
     */
    private static final int MOST_MONTHS = 36;

    private final StorableTimes times;
    private final TransformInput input = new TransformInput();
    private final JsonBuffer json = new JsonBuffer();
    private final EnvelopeRows rows = new EnvelopeRows();

    private DeadLetterReason failure;
    private String failureMessage;

    EnvelopeDecoding(StorableTimes times) {
        this.times = times;
    }

    /** The rows of the last envelope that became some; overwritten by the next. */
    EnvelopeRows rows() {
        return rows;
    }

    /** What the last envelope that became rows is to the next one of its device. */
    PreviousResult result(InboundEnvelope envelope) {
        return new PreviousResult(
                json.result(),
                envelope.occurredAtSeconds(),
                envelope.occurredAtNanos(),
                envelope.fPort());
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
     * Decodes an envelope.
     *
     * @param definition the device's, or {@code null} if the device has a transform of its own
     * @param contracts what those are compiled to
     * @param previous what the device's envelope before became, or {@code null}
     * @param now the job's clock, in milliseconds since 1970, or {@link
     *     StorableTimes#ACCEPTED_BEFORE}: then the rows' {@code processedAt} is for the caller to
     *     set
     * @return {@link Outcome#ROWS}, {@link Outcome#EMPTY}, {@link Outcome#UNMATCHED} or {@link
     *     Outcome#FAILED}
     */
    Outcome decode(
            InboundEnvelope envelope,
            Device device,
            Definition definition,
            PayloadContracts contracts,
            PreviousResult previous,
            long now) {
        json.reset();
        RawMessage message = envelope.message();
        input.setPayload(message.data(), envelope.payloadOffset(), envelope.payloadLength())
                .setFPort(envelope.fPort())
                .setAttributes(envelope.attributes())
                .setOccurredAt(envelope.occurredAtSeconds(), envelope.occurredAtNanos())
                .setDevice(device.id(), device.name(), device.organizationId())
                .setPrevious(previous);
        int contract;
        try {
            contract = contracts.evaluate(input, json);
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
            } else if (times.isStorable(time.getEpochSecond(), time.getNano(), now)) {
                rows.setOccurredAt(row, OccurredAt.millis(time.getEpochSecond(), time.getNano()));
            } else {
                return fail(
                        DeadLetterReason.DEAD_LETTER_REASON_TIMESTAMP_OUT_OF_RANGE,
                        prefix
                                + (json.isList() ? "$[" + row + "]" : "$")
                                + ".occurred_at "
                                + times.explain(time.getEpochSecond(), time.getNano(), now));
            }
        }
        return json.rowCount() > MOST_MONTHS && months() > MOST_MONTHS
                ? fail(
                        DeadLetterReason.DEAD_LETTER_REASON_INVALID_OUTPUT,
                        prefix
                                + "the rows are of "
                                + months()
                                + " months, more than the "
                                + MOST_MONTHS
                                + " of one envelope: occurred_at is probably not what it should be")
                : Outcome.ROWS;
    }

    /** How many months, each a partition of the table, the rows are of. */
    private int months() {
        Set<YearMonth> months = new HashSet<>();
        for (int row = 0; row < rows.rowCount(); row++) {
            months.add(
                    YearMonth.from(
                            Instant.ofEpochMilli(rows.occurredAt(row)).atOffset(ZoneOffset.UTC)));
        }
        return months.size();
    }

    private static String of(Device device, Definition definition) {
        return definition == null
                ? ""
                : "Definition '" + definition.name() + "' (" + device.definitionId() + "): ";
    }

    private static String place(ContractException e) {
        return "contract " + (e.contract() + 1) + ", " + e.part().field() + ": ";
    }

    /** Notes that what decodes an envelope does not compile. */
    Outcome fail(Device device, Definition definition, CompiledContracts.Compilation compilation) {
        return fail(
                DeadLetterReason.DEAD_LETTER_REASON_CONVERSION_FAILED,
                of(device, definition) + compilation.failure());
    }

    /** Notes why an envelope has no rows. */
    Outcome fail(DeadLetterReason reason, String message) {
        failure = reason;
        failureMessage = String.valueOf(message);
        return Outcome.FAILED;
    }
}
