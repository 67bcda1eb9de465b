package io.ponix.cli.resource;

import com.google.protobuf.Message;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.registry.DeviceServiceCalls;
import io.ponix.proto.history.v1.ResourceType;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * What is registered of one kind. It lists, creates and updates them itself; what is done alike to
 * all kinds, by their id, are commands below it ({@link GetCommand}, {@link DeleteCommand}, {@link
 * HistoryCommand}, {@link RestoreCommand}).
 */
abstract class ResourceCommand implements Runnable {

    /** Which service is called, and with which key. */
    static final String SERVICE =
            "The commands call the running stack's device service, or the one that PONIX_DEVICE_SERVICE_ADDRESS names,"
                    + " with the key in PONIX_API_KEY or in the file that PONIX_API_KEY_FILE names, else with the stack's own.";

    static final String ORGANIZATION = "The organization.";
    static final String ID = "Its id, as in the list.";

    @Spec private CommandSpec spec;

    /** The kind, as its history has it. */
    abstract ResourceType type();

    /** What a person calls one. */
    abstract String noun();

    /**
     * One of them.
     *
     * @throws CommandException when there is none, or the service does not answer
     */
    abstract Message get(DeviceServiceCalls calls, String id);

    /**
     * Deletes one.
     *
     * @throws CommandException when it is not deleted, and why
     */
    abstract void delete(DeviceServiceCalls calls, String id, StateChangeOptions change);

    @Override
    public final void run() {
        throw Verbs.missing(spec);
    }

    /** What was done to one, for a person. */
    final String done(String what, String id, String etag) {
        return what + " the " + noun() + " " + id + " (etag " + etag + ").";
    }

    /** That one was created; where that was tried only, it has no id that anything will have. */
    final String created(TryableChangeOptions change, String id, String etag) {
        return change.told(done("Created", id, etag), "Would create the " + noun() + ".");
    }

    /**
     * Refuses an update that says nothing.
     *
     * @param change the request, before it says of what and why
     */
    final void requireChange(Message.Builder change) {
        if (change.getAllFields().isEmpty()) {
            throw CommandException.calledWrongly(
                    "nothing is to be changed; ./ponix "
                            + spec.name()
                            + " update --help has the options that say what");
        }
    }
}
