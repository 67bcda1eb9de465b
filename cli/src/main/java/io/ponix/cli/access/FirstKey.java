package io.ponix.cli.access;

import io.ponix.cli.program.CommandException;
import io.ponix.client.postgres.PostgresSettings;
import io.ponix.embedded.install.ProjectFiles;
import io.ponix.embedded.process.JavaProgram;
import io.ponix.environment.SecretFiles;
import java.io.IOException;

/** The first key of a database, which the device service's own program makes and prints. */
public final class FirstKey {

    private static final String PROGRAM = "io.ponix.deviceservice.FirstKeyMain";

    private FirstKey() {}

    /**
     * Runs the program, which says on standard error what is wrong.
     *
     * @return its exit status
     */
    public static int create(String name, PostgresSettings database) {
        ProcessBuilder program =
                new ProcessBuilder(
                                JavaProgram.path(),
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                ProjectFiles.require(
                                                "device-service/target/ponix-device-service.jar",
                                                "build it with mvn package")
                                        .toString(),
                                PROGRAM,
                                name)
                        .inheritIO();
        SecretFiles.addToChild(program.environment(), database.environment());
        program.environment().put("PONIX_LOG_LEVEL", "warn");
        try {
            return program.start().waitFor();
        } catch (IOException e) {
            throw new CommandException("cannot run java: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }
}
