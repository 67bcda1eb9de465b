package io.ponix.cli.command;

import io.ponix.cli.program.FileProblem;
import io.ponix.transforms.functions.InvalidDescriptorsException;
import io.ponix.transforms.functions.MessageDescriptors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file that {@code protoc --include_imports --descriptor_set_out} has made. */
final class DescriptorFile {
    private DescriptorFile() {}

    /** The file cannot be used; the message names it and says why. */
    static final class UnusableException extends Exception {
        UnusableException(String message) {
            super(message);
        }
    }

    static MessageDescriptors read(Path file) throws UnusableException {
        try {
            if (Files.size(file) > MessageDescriptors.MAX_BYTES) {
                throw new UnusableException(
                        file + " has more than " + MessageDescriptors.MAX_BYTES + " bytes");
            }
            MessageDescriptors messages = MessageDescriptors.of(Files.readAllBytes(file));
            if (messages.names().isEmpty()) {
                throw new UnusableException(file + " describes no messages");
            }
            return messages;
        } catch (NoSuchFileException e) {
            throw new UnusableException(file + " does not exist");
        } catch (IOException e) {
            throw new UnusableException(file + " cannot be read: " + FileProblem.of(e));
        } catch (InvalidDescriptorsException e) {
            throw new UnusableException(file + ": " + e.getMessage());
        }
    }
}
