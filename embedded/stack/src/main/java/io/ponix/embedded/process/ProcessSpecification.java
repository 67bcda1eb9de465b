package io.ponix.embedded.process;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * How a program is to be executed.
 *
 * @param command program and arguments
 * @param environment variables added to those of this JVM
 * @param workingDirectory an existing directory
 */
public record ProcessSpecification(
        List<String> command, Map<String, String> environment, Path workingDirectory) {

    public ProcessSpecification {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }
}
