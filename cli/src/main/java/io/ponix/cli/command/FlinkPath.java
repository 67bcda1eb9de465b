package io.ponix.cli.command;

import io.ponix.cli.program.CommandException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** A place of a savepoint, as a person writes it among Flink's arguments. */
final class FlinkPath {

    private FlinkPath() {}

    /**
     * The whole path of a place on this machine: Flink's programs work in other folders than the
     * person does.
     *
     * @param option it was given for, for the message
     * @return nothing for a place with a scheme, as {@code s3://…}
     * @throws CommandException where it is no path
     */
    static Optional<Path> local(String option, String place) {
        if (place.matches("(?!file:)[A-Za-z][A-Za-z0-9+.-]+:.*")) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    Path.of(place.replaceFirst("^file:(//)?(?=/)", ""))
                            .toAbsolutePath()
                            .normalize());
        } catch (InvalidPathException e) {
            throw new CommandException(option + ": " + e.getMessage(), e);
        }
    }
}
