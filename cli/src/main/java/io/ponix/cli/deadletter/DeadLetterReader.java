package io.ponix.cli.deadletter;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.StreamConfiguration;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.replay.StoredMessages;
import io.ponix.cli.replay.StoredMessages.Extent;
import io.ponix.cli.replay.StoredMessages.Part;
import io.ponix.cli.replay.StoredMessages.Stored;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.jobs.lease.Lease;
import io.ponix.jobs.lease.LeaseKey;
import io.ponix.jobs.lease.LeaseStore;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Reads the stream of dead letters in the order they were stored. */
public final class DeadLetterReader implements AutoCloseable {

    private final StoredMessages messages;
    private final String stream;

    /** Of the stack's pipeline. */
    public DeadLetterReader(StackAddresses addresses) {
        stream = addresses.names().deadLettersStream();
        messages = new StoredMessages(addresses, stream, "dead letter");
    }

    /** The extent of the stream of dead letters. */
    public Extent extent() {
        return messages.extent();
    }

    /** The extent of another stream. */
    public Extent extent(String other) {
        return messages.extent(other);
    }

    /** Which job is the active one of the stack's pipeline, if one is. */
    public Optional<Lease> pipelineLease(StackAddresses addresses) {
        try {
            return new LeaseStore(connection())
                    .find(
                            LeaseKey.pipeline(
                                    addresses.names().rawStream(),
                                    addresses.clickHouse().database(),
                                    addresses.names().table()))
                    .filter(Lease::isHeld);
        } catch (IOException e) {
            throw new CommandException("the lease cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Reads dead letters until told to stop. Without {@code follow} it ends with the last one that
     * was stored when it began: letters that arrive meanwhile are not read.
     *
     * @param afterSequence the sequence in the dead letter stream after which to begin; 0 for all
     * @param filter which ones
     * @param follow whether to wait for more once the stored ones are read
     * @param consumer gets each; false stops
     * @return the sequence of the last one read, in the dead letter stream; {@code afterSequence}
     *     where there was none
     */
    public long read(
            long afterSequence,
            LetterFilter filter,
            boolean follow,
            Predicate<StoredLetter> consumer) {
        return messages.read(
                afterSequence,
                part(filter),
                follow,
                stored -> {
                    StoredLetter letter = letter(stored);
                    return !filter.accepts(letter) || consumer.test(letter);
                });
    }

    private Part part(LetterFilter filter) {
        return new Part(filter.subject(stream), filter.since());
    }

    private StoredLetter letter(Stored stored) {
        return StoredLetter.parse(stream, stored.sequence(), stored.headers(), stored.data());
    }

    /**
     * The last dead letters, the oldest first.
     *
     * @param limit at most so many
     * @param filter of which ones
     */
    public List<StoredLetter> last(int limit, LetterFilter filter) {
        return messages.last(
                limit, part(filter), stored -> Optional.of(letter(stored)).filter(filter::accepts));
    }

    /**
     * One dead letter.
     *
     * @param number its sequence in the stream of dead letters
     */
    public StoredLetter letter(long number) {
        return letter(messages.get(number));
    }

    /**
     * Lets the stream hold no more than so many letters: what comes then is refused, and what it
     * holds stays.
     *
     * @param messages no less than it holds; -1 for as many as come
     */
    public void limit(long messages) {
        try {
            JetStreamManagement management = connection().jetStreamManagement();
            management.updateStream(
                    StreamConfiguration.builder(management.getStreamInfo(stream).getConfiguration())
                            .discardPolicy(DiscardPolicy.New)
                            .maxMessages(messages)
                            .build());
        } catch (IOException | JetStreamApiException e) {
            throw new CommandException(
                    "NATS did not change the stream " + stream + ": " + e.getMessage(), e);
        }
    }

    /** Takes one away; one that is gone already is as good. */
    void delete(StoredLetter letter) {
        messages.delete(letter.number());
    }

    Connection connection() {
        return messages.connection();
    }

    @Override
    public void close() {
        messages.close();
    }
}
