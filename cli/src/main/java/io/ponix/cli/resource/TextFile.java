package io.ponix.cli.resource;

import io.ponix.cli.program.CommandException;
import io.ponix.cli.program.FileProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The file that an option names. */
final class TextFile {

    private TextFile() {}

    /**
     * Its text, which is UTF-8.
     *
     * @throws CommandException that names the option, when the file cannot be read
     */
    static String read(String option, Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw unreadable(option, e);
        }
    }

    /**
     * Its bytes.
     *
     * @throws CommandException that names the option, when the file cannot be read
     */
    static byte[] bytes(String option, Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw unreadable(option, e);
        }
    }

    private static CommandException unreadable(String option, IOException problem) {
        return CommandException.calledWrongly(option + ": " + FileProblem.of(problem));
    }
}
