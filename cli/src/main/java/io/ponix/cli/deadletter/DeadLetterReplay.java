package io.ponix.cli.deadletter;

import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.PublishOptions;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.PublishAck;
import io.nats.client.impl.Headers;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.replay.ReplayResult;
import io.ponix.cli.replay.UnreplayableException;
import io.ponix.cli.stack.ClickHouseQueries;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.deadletter.DeadLetterHeaders;
import io.ponix.proto.deadletter.DeadLetterReasons;
import io.ponix.proto.envelope.EnvelopeSubjects;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/**
 * Gives envelopes that became dead letters to the pipeline again.
 *
 * <p>An open letter is one that lies in the stream. Its envelope is published to the raw stream
 * once more, and when the stream has it, the letter is deleted: what fails again comes back as a
 * new letter, about the new message.
 *
 * <p>However often a replay is interrupted and begun again, and by however many at once, an
 * envelope is published once: it goes to a subject of its own ({@link #replaySubject}), under the
 * condition that the stream has nothing there yet. A letter whose envelope is there already, or is
 * a row by now, is only deleted. This holds for as long as the raw stream keeps the message.
 */
public final class DeadLetterReplay implements AutoCloseable {

    private static final int WRONG_LAST_SEQUENCE = 10071;
    private static final String NO_RESPONDERS = "503";

    /** The headers that make the publication conditional take less. */
    private static final int CONDITION_BYTES = 512;

    private static final int BATCH_LETTERS = 256;
    private static final long BATCH_BYTES = 64L << 20;

    private final DeadLetterReader reader;
    private final ClickHouseQueries clickHouse;
    private final JetStream jetStream;
    private final JetStreamManagement management;

    public DeadLetterReplay(StackAddresses addresses) {
        this.reader = new DeadLetterReader(addresses);
        this.clickHouse = new ClickHouseQueries(addresses);
        try {
            jetStream = reader.connection().jetStream();
            management = reader.connection().jetStreamManagement();
        } catch (IOException e) {
            throw new CommandException("NATS offers no JetStream: " + e.getMessage(), e);
        }
    }

    /**
     * Replays the letters that are open now; those that come back meanwhile are not replayed again.
     *
     * @param filter which ones
     * @param dryRun whether nothing is published and deleted
     * @param progress told of the result so far, after every batch
     * @throws CommandException when it cannot go on; what was published until then is accounted for
     *     when it is begun again
     */
    public ReplayResult run(LetterFilter filter, boolean dryRun, Consumer<ReplayResult> progress) {
        ReplayResult result = new ReplayResult();
        List<StoredLetter> batch = new ArrayList<>();
        long[] bytes = {0};
        reader.read(
                0,
                filter,
                false,
                letter -> {
                    batch.add(letter);
                    bytes[0] += letter.content().getRawEnvelopeSize();
                    if (batch.size() == BATCH_LETTERS || bytes[0] >= BATCH_BYTES) {
                        replay(filter, batch, dryRun, result);
                        progress.accept(result);
                        batch.clear();
                        bytes[0] = 0;
                    }
                    return true;
                });
        replay(filter, batch, dryRun, result);
        progress.accept(result);
        return result;
    }

    /**
     * Where the envelope of a letter is published: in its partition, so that one instance reads it
     * in order with the others of its partition, on a subject that no device has. The time tells a
     * message from one of the same sequence in a stream that was deleted and made anew.
     */
    static String replaySubject(StoredLetter letter) {
        String subject = letter.content().getSubject();
        return subject.substring(0, subject.lastIndexOf('.') + 1)
                + EnvelopeSubjects.REPLAY_PREFIX
                + letter.content().getStreamSequence()
                + "-"
                + letter.envelopeReceivedAt();
    }

    private void replay(
            LetterFilter filter, List<StoredLetter> letters, boolean dryRun, ReplayResult result) {
        StoredRows rows = StoredRows.of(letters, clickHouse);
        List<StoredLetter> done = new ArrayList<>();
        Map<StoredLetter, CompletableFuture<PublishAck>> published = new LinkedHashMap<>();
        for (StoredLetter letter : letters) {
            if (rows.contain(letter)) {
                result.addNeedless(); // a row by now
                done.add(letter);
                continue;
            }
            try {
                requireVouchedFor(letter, filter);
                byte[] envelope = envelope(letter);
                if (dryRun) {
                    result.addReplayed();
                } else {
                    published.put(letter, publish(letter, envelope));
                }
            } catch (UnreplayableException e) {
                result.leave(letter.number(), e.getMessage());
            }
        }
        CommandException failure = null;
        for (Map.Entry<StoredLetter, CompletableFuture<PublishAck>> each : published.entrySet()) {
            try {
                if (await(each.getKey(), each.getValue())) {
                    result.addReplayed();
                } else {
                    result.addReplayedBefore();
                }
                done.add(each.getKey());
            } catch (UnreplayableException e) {
                result.leave(each.getKey().number(), e.getMessage());
            } catch (CommandException e) {
                failure = e;
            }
        }
        if (!dryRun) {
            done.forEach(reader::delete);
        }
        if (failure != null) {
            throw failure;
        }
    }

    /**
     * On the subject of a replay an envelope may name any device. So one that was refused for that
     * is not among those that are replayed for whatever reason they have.
     */
    private static void requireVouchedFor(StoredLetter letter, LetterFilter filter)
            throws UnreplayableException {
        DeadLetterReason mismatch = DeadLetterReason.DEAD_LETTER_REASON_SUBJECT_MISMATCH;
        if (letter.content().getReason() == mismatch && filter.reason() != mismatch) {
            throw new UnreplayableException(
                    "who sent it may have spoken for another device; if not, --reason "
                            + DeadLetterReasons.name(mismatch)
                            + " replays it");
        }
    }

    private CompletableFuture<PublishAck> publish(StoredLetter letter, byte[] envelope)
            throws UnreplayableException {
        if (!isPublishable(replaySubject(letter))) {
            throw new UnreplayableException(
                    "nothing can be published on the subject " + replaySubject(letter));
        }
        Headers headers =
                new Headers()
                        .add(DeadLetterHeaders.REPLAY_OF, percentEncoded(letter.envelope()))
                        .add(
                                DeadLetterHeaders.REPLAY_SUBJECT,
                                percentEncoded(letter.content().getSubject()));
        if (envelope.length + headers.serializedLength() + CONDITION_BYTES
                > reader.connection().getMaxPayload()) {
            // No room for what is only of interest to people.
            headers = new Headers();
        }
        try {
            return publish(letter, headers, envelope);
        } catch (IllegalArgumentException e) {
            throw new UnreplayableException(
                    envelope.length + CONDITION_BYTES > reader.connection().getMaxPayload()
                            ? "with the condition that it is not doubled it is larger than the NATS"
                                    + " server takes: raise max_payload"
                            : "it cannot be published on the subject "
                                    + replaySubject(letter)
                                    + ": "
                                    + e.getMessage());
        }
    }

    /**
     * White space would end the subject within the protocol, and what follows be taken for more.
     */
    private static boolean isPublishable(String subject) {
        return subject.chars().allMatch(each -> each > ' ' && each != 0x7f)
                && Arrays.stream(subject.split("\\.", -1))
                        .noneMatch(
                                token -> token.isEmpty() || token.equals("*") || token.equals(">"));
    }

    /** Headers hold ASCII only. */
    private static String percentEncoded(String text) {
        StringBuilder encoded = new StringBuilder(text.length());
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            if (each > ' ' && each < 0x7f && each != '%') {
                encoded.append((char) each);
            } else {
                encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(each));
            }
        }
        return encoded.toString();
    }

    private CompletableFuture<PublishAck> publish(
            StoredLetter letter, Headers headers, byte[] envelope) {
        return jetStream.publishAsync(
                replaySubject(letter),
                headers,
                envelope,
                PublishOptions.builder()
                        .expectedStream(letter.content().getStream())
                        .expectedLastSubjectSequence(0)
                        .build());
    }

    /**
     * Whether the envelope was stored now; false if the stream had it.
     *
     * @throws UnreplayableException if NATS answers that it does not store this one
     * @throws CommandException if it does not answer
     */
    private static boolean await(StoredLetter letter, CompletableFuture<PublishAck> publication)
            throws UnreplayableException {
        try {
            publication.join();
            return true;
        } catch (CompletionException | CancellationException e) {
            Throwable cause = e;
            while (cause.getCause() != null && !(cause instanceof JetStreamApiException)) {
                cause = cause.getCause();
            }
            if (cause instanceof JetStreamApiException refusal) {
                if (refusal.getApiErrorCode() == WRONG_LAST_SEQUENCE) {
                    return false;
                }
                throw new UnreplayableException(
                        "the stream "
                                + letter.content().getStream()
                                + " does not store it: "
                                + refusal.getMessage());
            }
            if (String.valueOf(cause.getMessage()).contains(NO_RESPONDERS)) {
                throw new UnreplayableException(
                        "no stream stores the subject " + replaySubject(letter));
            }
            throw new CommandException(
                    "NATS did not store the envelope of letter "
                            + letter.number()
                            + " in the stream "
                            + letter.content().getStream()
                            + ": "
                            + cause.getMessage()
                            + "; the same command goes on from here",
                    cause);
        }
    }

    /** The whole message, as the job read it. */
    private byte[] envelope(StoredLetter letter) throws UnreplayableException {
        if (!letter.isOfAnEnvelope()) {
            throw new UnreplayableException("it is about no envelope");
        }
        if (letter.content().getSubject().isEmpty()) {
            throw new UnreplayableException(
                    "the message had left its stream before it could be put into the letter");
        }
        byte[] kept = letter.content().getRawEnvelope().toByteArray();
        if (!letter.content().getRawEnvelopeTruncated()) {
            return kept;
        }
        String cut =
                "the letter holds the first "
                        + kept.length
                        + " of "
                        + letter.content().getRawEnvelopeSize()
                        + " bytes, and ";
        try {
            MessageInfo message =
                    management.getMessage(
                            letter.content().getStream(), letter.content().getStreamSequence());
            byte[] whole = message.getData() == null ? new byte[0] : message.getData();
            boolean same =
                    message.getTime().toInstant().toEpochMilli() == letter.envelopeReceivedAt()
                            && whole.length == letter.content().getRawEnvelopeSize()
                            && Arrays.equals(kept, Arrays.copyOf(whole, kept.length));
            if (!same) {
                throw new UnreplayableException(cut + letter.envelope() + " is another one now");
            }
            return whole;
        } catch (JetStreamApiException | IllegalArgumentException e) {
            // The latter where its headers are not what the client library reads.
            throw new UnreplayableException(
                    cut + letter.envelope() + " cannot be read: " + e.getMessage());
        } catch (IOException e) {
            throw new CommandException("NATS does not answer: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        reader.close();
    }
}
