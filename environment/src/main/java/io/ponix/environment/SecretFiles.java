package io.ponix.environment;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Secrets in files, as Docker and Kubernetes give them to programs: {@code PONIX_NATS_TOKEN_FILE}
 * names a file whose content is {@code PONIX_NATS_TOKEN}. Which variables are secrets, {@link
 * Secret} says.
 */
public final class SecretFiles {

    /** What the variables mean, for the help of programs. */
    public static final String MEANING =
            "A password, token or key, or a URL with one, may be in a file: PONIX_X_FILE names"
                    + " the one with PONIX_X.";

    private static final int LARGEST = 64 * 1024;

    private SecretFiles() {}

    /**
     * Reads the files, so that what follows has to know of variables only.
     *
     * @return the environment with the content of each file, without one line end at its end, as
     *     the variable that it is for. The variables that name files are there still; an empty one
     *     names none
     * @throws IllegalArgumentException when a file cannot be used (it is not there, cannot be read,
     *     is a folder, is empty, has more than 64 KiB, is not UTF-8 or has a NUL in it), or the
     *     variable is set to something else, too. The message names variable and file, and has
     *     nothing of what is in them
     */
    public static Map<String, String> resolve(Map<String, String> environment) {
        Map<String, String> resolved = new HashMap<>(environment);
        for (Secret secret : Secret.values()) {
            String file = environment.getOrDefault(secret.fileVariable(), "").strip();
            if (file.isEmpty()) {
                continue;
            }
            String content = read(secret.fileVariable(), file);
            String given = environment.getOrDefault(secret.name(), "");
            if (!given.isBlank() && !given.equals(content)) {
                throw new IllegalArgumentException(
                        secret
                                + " and "
                                + secret.fileVariable()
                                + " are both set, and not to the same: leave one out");
            }
            resolved.put(secret.name(), content);
        }
        return resolved;
    }

    /**
     * Reads a file with a secret.
     *
     * @param variable names the file; for messages
     * @return its content, without one line end at its end
     * @throws IllegalArgumentException as {@link #resolve}
     */
    public static String read(String variable, String file) {
        byte[] bytes;
        try {
            Path path = Path.of(file);
            if (Files.isDirectory(path)) {
                throw refused(variable, file, "is a folder");
            }
            try (InputStream content = Files.newInputStream(path)) {
                bytes = content.readNBytes(LARGEST + 1);
            }
        } catch (NoSuchFileException e) {
            throw refused(variable, file, "is not there");
        } catch (AccessDeniedException e) {
            throw refused(variable, file, "this user may not read");
        } catch (IOException | InvalidPathException e) {
            // Without its message: a secret that was set in place of the path is not repeated
            // twice.
            throw refused(variable, file, "cannot be read (" + e.getClass().getSimpleName() + ")");
        }
        if (bytes.length > LARGEST) {
            throw refused(variable, file, "has more than 64 KiB");
        }
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw refused(variable, file, "is not UTF-8");
        }
        if (text.indexOf('\0') >= 0) {
            throw refused(variable, file, "has a NUL in it");
        }
        String content = text.replaceFirst("\r?\n\\z", "");
        if (content.isBlank()) {
            throw refused(variable, file, "is empty");
        }
        return content;
    }

    private static IllegalArgumentException refused(String variable, String file, String problem) {
        return new IllegalArgumentException(variable + " names " + file + ", which " + problem);
    }

    /**
     * Adds variables to the environment of a child. A secret that the child can read from a file as
     * this process did is left there, and one that is another is not contradicted by the file.
     *
     * @param inherited the environment of this process, which the child's begins with; is changed
     * @param variables what the child is to have, the secrets resolved
     */
    public static void addToChild(Map<String, String> inherited, Map<String, String> variables) {
        Map<String, String> added = new HashMap<>(variables);
        for (Secret secret : Secret.values()) {
            String file = inherited.getOrDefault(secret.fileVariable(), "").strip();
            if (file.isEmpty() || added.containsKey(secret.fileVariable())) {
                continue;
            }
            String value = added.get(secret.name());
            if (value != null && !value.equals(read(secret.fileVariable(), file))) {
                added.put(secret.fileVariable(), "");
                continue;
            }
            added.remove(secret.name());
            // The child may be in another folder.
            added.put(secret.fileVariable(), Path.of(file).toAbsolutePath().toString());
        }
        inherited.putAll(added);
    }
}
