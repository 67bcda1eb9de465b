package io.ponix.cli.stack;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The keys that a stack's own device service knows from its first start: the operator's, for the
 * commands of {@code ./ponix}, and the bridge's. Files of the stack's home that are its owner's
 * alone. Nobody asks for them until {@code PONIX_AUTH=required}.
 */
final class StackKeys {

    private static final int ID_BYTES = 10;
    private static final int SECRET_BYTES = 32;

    private static final String FIRST_KEYS = "PONIX_FIRST_KEYS_FILE";

    private final Path folder;

    /**
     * @param home of the stack
     */
    StackKeys(Path home) {
        this.folder = home.resolve("keys");
    }

    /** The file with the operator's key. */
    Path operator() {
        return folder.resolve("operator");
    }

    private Path bridge() {
        return folder.resolve("bridge");
    }

    private Path firstKeys() {
        return folder.resolve("first-keys");
    }

    /**
     * The variables by which the device service and the bridge get theirs; none where the
     * environment names others.
     */
    Map<String, String> environment(Map<String, String> environment) {
        Map<String, String> variables = new LinkedHashMap<>();
        if (environment.getOrDefault(FIRST_KEYS, "").isBlank()) {
            variables.put(FIRST_KEYS, firstKeys().toString());
            // What a person calls by is not what the bridge calls by.
            variables.put("PONIX_API_KEY", "");
            variables.put("PONIX_API_KEY_FILE", bridge().toString());
        }
        return variables;
    }

    /** Whether they were made: all or none, as the last file tells. */
    boolean exist() {
        return Files.exists(firstKeys());
    }

    /** Makes them, unless they are there. */
    void ensure() throws IOException {
        if (exist()) {
            return;
        }
        Files.createDirectories(
                folder,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        String operator = next();
        String bridge = next();
        write(operator(), operator + "\n");
        write(bridge(), bridge + "\n");
        write(firstKeys(), "operator " + operator + "\nintake " + bridge + "\n");
    }

    private static String next() {
        SecureRandom random = new SecureRandom();
        byte[] id = new byte[ID_BYTES];
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(id);
        random.nextBytes(secret);
        return "ponix_"
                + HexFormat.of().formatHex(id)
                + "_"
                + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
    }

    private static void write(Path file, String text) throws IOException {
        Path written =
                Files.createTempFile(
                        file.getParent(),
                        file.getFileName().toString(),
                        ".new",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        Files.write(written, text.getBytes(StandardCharsets.UTF_8));
        Files.move(
                written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
