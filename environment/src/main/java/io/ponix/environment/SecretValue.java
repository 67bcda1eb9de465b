package io.ponix.environment;

import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A password or token of settings that travel. Where it is in a file ({@link Secret}), it is the
 * file's name that is serialized: every process that gets the settings reads the file for itself,
 * and what is between them, such as the graph of a Flink job and the folder that keeps it, holds no
 * secret. So the file has to be on every machine, as those of TLS have. Given otherwise, the secret
 * travels itself.
 *
 * <p>Two are equal if the secrets are. Immutable.
 */
public final class SecretValue implements Serializable {

    /** No secret: an empty one. */
    public static final SecretValue NONE = of("");

    private static final long serialVersionUID = 1L;

    /** Names the file; null where there is none. */
    private final String fileVariable;

    private final String file;

    // Written and read below.
    private transient String value;

    private SecretValue(String fileVariable, String file, String value) {
        this.fileVariable = fileVariable;
        this.file = file;
        this.value = value;
    }

    /** A secret that travels itself. */
    public static SecretValue of(String value) {
        return new SecretValue(null, null, Objects.requireNonNull(value, "value"));
    }

    /**
     * A secret in a file.
     *
     * @param variable what it is, {@code PONIX_NATS_TOKEN}; for messages, and {@link #addTo}
     * @throws IllegalArgumentException if it cannot be read, as {@link SecretFiles#read}
     */
    public static SecretValue ofFile(String variable, Path file) {
        String fileVariable = Secret.valueOf(variable).fileVariable();
        String path = file.toAbsolutePath().toString();
        return new SecretValue(fileVariable, path, SecretFiles.read(fileVariable, path));
    }

    /**
     * What an environment says: in a file, if it names one, or itself; {@link #NONE} where it says
     * nothing.
     *
     * @param variable of a {@link Secret}
     * @throws IllegalArgumentException if the file cannot be read, or the variable is set to
     *     something else
     */
    public static SecretValue in(Map<String, String> environment, String variable) {
        Secret secret = Secret.valueOf(variable);
        String given = environment.getOrDefault(variable, "").strip();
        String file = environment.getOrDefault(secret.fileVariable(), "").strip();
        if (file.isEmpty()) {
            return given.isEmpty() ? NONE : of(given);
        }
        // Says it where both are set to different things.
        SecretFiles.resolve(Map.of(variable, given, secret.fileVariable(), file));
        return ofFile(variable, Path.of(file));
    }

    /** The secret; empty for none. */
    public String reveal() {
        return value;
    }

    /** Whether there is none. */
    public boolean isEmpty() {
        return value.isEmpty();
    }

    /** Where it was read from. */
    public Optional<Path> file() {
        return Optional.ofNullable(file).map(Path::of);
    }

    /**
     * Adds what says the same to another process: the variable that names the file, or the one with
     * the secret. The other of the two is blank: the process may inherit one.
     *
     * @param variable of a {@link Secret}
     */
    public void addTo(Map<String, String> environment, String variable) {
        environment.put(variable, file == null ? value : "");
        environment.put(Secret.valueOf(variable).fileVariable(), file == null ? "" : file);
    }

    /**
     * Has variables say the secret itself where {@link #addTo} has said its file: for comparing
     * them.
     */
    public void revealIn(Map<String, String> environment, String variable) {
        environment.put(variable, value);
        environment.remove(Secret.valueOf(variable).fileVariable());
    }

    private void writeObject(ObjectOutputStream out) throws IOException {
        out.defaultWriteObject();
        out.writeObject(file == null ? value : null);
    }

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
        in.defaultReadObject();
        value = (String) in.readObject();
        if (file != null) {
            try {
                value = SecretFiles.read(fileVariable, file);
            } catch (IllegalArgumentException e) {
                InvalidObjectException unusable =
                        new InvalidObjectException(
                                e.getMessage() + ": it has to be on every machine of the cluster");
                unusable.initCause(e);
                throw unusable;
            }
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SecretValue secret && secret.value.equals(value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return value.isEmpty() ? "none" : file == null ? "***" : "*** (in " + file + ")";
    }
}
