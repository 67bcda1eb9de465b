package io.ponix.cli.resource;

import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.registry.DeviceServiceCalls;
import io.ponix.cli.terminal.MessageText;

/** A kind whose deleted ones the service brings back as they were. */
abstract class UndeletableCommand extends ResourceCommand {

    /**
     * Brings one back.
     *
     * @return what it is then
     * @throws CommandException when it is not brought back, and why
     */
    abstract Message undelete(DeviceServiceCalls calls, String id, StateChangeOptions change);

    /** When it was updated last, or that it was deleted. */
    static String updated(boolean deleted, Timestamp deletedAt, Timestamp updatedAt) {
        return deleted ? "deleted " + MessageText.time(deletedAt) : MessageText.time(updatedAt);
    }
}
