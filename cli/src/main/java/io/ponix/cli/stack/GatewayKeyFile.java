package io.ponix.cli.stack;

import io.ponix.cli.program.CommandException;
import io.ponix.cli.program.FileProblem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * The secret with which uplinks of the stack's own gateway are posted: a file of the stack's home
 * that is its owner's alone, in the form of a header, so that {@code curl -H @FILE} sends it and
 * nobody sees it among the arguments of processes.
 */
public final class GatewayKeyFile {

    private static final String FILE_NAME = "gateway-key";
    private static final String HEADER = "X-API-Key: ";

    private final Path file;

    /**
     * @param home of the stack
     */
    public GatewayKeyFile(Path home) {
        this.file = home.resolve(FILE_NAME);
    }

    /** The secret; empty where no file has one. */
    public Optional<String> secret() throws IOException {
        try {
            String text = Files.readString(file).strip();
            return text.startsWith(HEADER)
                    ? Optional.of(text.substring(HEADER.length()))
                    : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /**
     * The secret.
     *
     * @throws CommandException where no file has one
     */
    public String require() {
        try {
            return secret().orElseThrow(
                            () ->
                                    new CommandException(
                                            file
                                                    + " has no key of the stack's gateway; ./ponix"
                                                    + " up makes one"));
        } catch (IOException e) {
            throw new CommandException("cannot read " + file + ": " + FileProblem.of(e), e);
        }
    }

    /** Writes the secret, unless it is there already. */
    void write(String secret) throws IOException {
        if (secret().equals(Optional.of(secret))) {
            return;
        }
        Path written =
                Files.createTempFile(
                        file.getParent(),
                        FILE_NAME,
                        ".new",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        Files.write(written, (HEADER + secret + "\n").getBytes(StandardCharsets.UTF_8));
        Files.move(
                written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
