package io.ponix.embedded.network;

import io.ponix.embedded.process.EmbeddedProcessException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.util.stream.Stream;

/**
 * The certificate that the servers and programs of a stack show: it is for 127.0.0.1 and {@code
 * localhost}, vouches for itself, and is made by the first start in a home, with its key, in {@code
 * <home>/tls}, which is the owner's alone. Whoever is to trust it is given its file.
 */
public final class HomeCertificate {

    private static final FileAttribute<?> OF_THE_OWNER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private static final String NAME = "ponix";
    private static final String FOLDER = "tls";

    private final Path folder;

    /**
     * @param home of the stack
     */
    public HomeCertificate(Path home) {
        this.folder = home.toAbsolutePath().resolve(FOLDER);
    }

    /** Whether the stack of a home has one. */
    public boolean exists() {
        return Files.exists(folder);
    }

    /**
     * Makes it, unless it is there.
     *
     * @throws EmbeddedProcessException if it cannot be made
     */
    public void ensure() {
        if (exists()) {
            return;
        }
        try {
            Files.createDirectories(folder.getParent());
            Path made =
                    Files.createTempDirectory(folder.getParent(), FOLDER + ".new", OF_THE_OWNER);
            SelfSignedCertificate.create(made, NAME, "ip:127.0.0.1,dns:localhost");
            try (Stream<Path> files = Files.list(made)) {
                for (Path file : files.toList()) {
                    Files.setPosixFilePermissions(
                            file, PosixFilePermissions.fromString("rw-------"));
                }
            }
            // All of its files or none.
            Files.move(made, folder);
        } catch (IOException | GeneralSecurityException e) {
            throw new EmbeddedProcessException("Cannot make a certificate in " + folder, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EmbeddedProcessException("Interrupted while making a certificate", e);
        }
    }

    /** The certificate, PEM. */
    public Path certificate() {
        return Path.of(files().certificatePem());
    }

    /** Its key, PEM, PKCS #8 without a password. */
    public Path key() {
        return Path.of(files().keyPem());
    }

    /** Both in one file. */
    public Path certificateAndKey() {
        return Path.of(files().certificateAndKeyPem());
    }

    private SelfSignedCertificate files() {
        return SelfSignedCertificate.in(folder, NAME);
    }
}
