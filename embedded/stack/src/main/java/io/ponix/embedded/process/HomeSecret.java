package io.ponix.embedded.process;

import io.ponix.environment.SecretValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The random password or token that a server has in each home: a file that is its owner's alone. A
 * home whose data are older than that has none.
 */
public final class HomeSecret {

    /** 128 bits: nobody guesses that, with as many tries as a server answers. */
    private static final int BYTES = 16;

    private final Path file;
    private final Path data;

    /**
     * @param file where it is; its folder has to be there
     * @param data the server's data, which its first start makes
     */
    public HomeSecret(Path file, Path data) {
        this.file = file;
        this.data = data;
    }

    /**
     * A secret that is made where it is not there, whatever data there are; its folder, too.
     *
     * @param variable which secret it is, for instance {@code PONIX_NATS_PASSWORD}
     * @throws UncheckedIOException if it cannot be made
     */
    public static SecretValue made(Path file, String variable) {
        HomeSecret secret = new HomeSecret(file, file);
        try {
            Files.createDirectories(file.getParent());
            secret.ensure();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return secret.value(variable).orElseThrow();
    }

    /**
     * The secret; empty in a home that has none, and before {@link #ensure}.
     *
     * @throws EmbeddedProcessException if it cannot be read
     */
    public Optional<String> read() {
        try {
            return Optional.of(Files.readString(file).strip());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new EmbeddedProcessException("Cannot read " + file, e);
        }
    }

    /**
     * The same for settings, which name its file to whom they travel.
     *
     * @param variable which secret it is, for instance {@code PONIX_NATS_TOKEN}
     */
    public Optional<SecretValue> value(String variable) {
        return Files.exists(file)
                ? Optional.of(SecretValue.ofFile(variable, file))
                : Optional.empty();
    }

    /**
     * Makes it, unless there is one, or there are data: a job that was started before goes on with
     * what it was told then.
     */
    public void ensure() throws IOException {
        if (Files.exists(data) || Files.exists(file)) {
            return;
        }
        byte[] secret = new byte[BYTES];
        new SecureRandom().nextBytes(secret);
        Path written =
                Files.createTempFile(
                        file.getParent(),
                        file.getFileName().toString(),
                        ".new",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        Files.writeString(written, HexFormat.of().formatHex(secret) + "\n");
        Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
