package io.ponix.deviceservice.access;

import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.identifier.XidGenerator;
import io.ponix.deviceservice.request.ProtoTimestamps;
import io.ponix.environment.SecretFiles;
import io.ponix.proto.access.v1.Role;
import io.ponix.registry.ApiKeyRow;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The keys that are there before any can be asked for: of the operator, who makes all others, and
 * of bridges that serve all organizations. They are made where there is no key yet, by whoever has
 * the database: no call over the network makes one, so nobody can be faster.
 */
public final class FirstKeys {

    /** Names a file that holds the keys to make; for instance of a Kubernetes secret. */
    public static final String FILE_VARIABLE = "PONIX_FIRST_KEYS_FILE";

    private final ApiKeyRepository repository;

    /** Makes them in a database whose tables are there. */
    public FirstKeys(Database database) {
        this.repository = new ApiKeyRepository(database);
    }

    /**
     * Makes a key of the role {@code ROLE_OPERATOR}.
     *
     * @return the whole key, {@code ponix_<id>_<secret>}; empty, and nothing is made, when there is
     *     a key, even a revoked one
     */
    public Optional<String> create(String name) {
        ApiKey key = ApiKey.of(new XidGenerator().next());
        return repository.addFirst(List.of(row(key, name, Role.ROLE_OPERATOR)))
                ? Optional.of(key.text())
                : Optional.empty();
    }

    /**
     * Makes the keys that a file holds: a line each, of {@code operator} or {@code intake}, a space
     * and the whole key. Lines that are empty or begin with {@code #} are passed over.
     *
     * @return false, and nothing is made, when there is a key, even a revoked one
     * @throws IllegalArgumentException when the file cannot be read or holds anything else; the
     *     message names the variable and the line, and says nothing of what is in it
     */
    public boolean createFrom(Path file) {
        List<String> lines = SecretFiles.read(FILE_VARIABLE, file.toString()).lines().toList();
        List<ApiKeyRow> keys = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                keys.add(key(line, FILE_VARIABLE + " names " + file + ", whose line " + (i + 1)));
            }
        }
        if (keys.isEmpty()) {
            throw new IllegalArgumentException(
                    FILE_VARIABLE + " names " + file + ", which holds no key");
        }
        return repository.addFirst(keys);
    }

    private static ApiKeyRow key(String line, String where) {
        String[] parts = line.split("\\s+");
        Optional<ApiKey> key = parts.length == 2 ? ApiKey.parse(parts[1]) : Optional.empty();
        Role role =
                switch (parts[0]) {
                    case "operator" -> Role.ROLE_OPERATOR;
                    case "intake" -> Role.ROLE_INTAKE;
                    default -> Role.ROLE_UNSPECIFIED;
                };
        if (key.isEmpty() || role == Role.ROLE_UNSPECIFIED) {
            throw new IllegalArgumentException(
                    where
                            + " is not 'operator' or 'intake' and a key of the form"
                            + " ponix_<id>_<secret> (id: 1 to 64 letters and digits; secret: 43 to"
                            + " 128 letters, digits, '-' and '_')");
        }
        return row(key.get(), "first " + parts[0], role);
    }

    private static ApiKeyRow row(ApiKey key, String name, Role role) {
        return new ApiKeyRow(
                key.id(),
                name,
                "",
                role,
                Secret.sha256Hex(key.secret()),
                "",
                ProtoTimestamps.now(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** Whether there is any key that is valid. */
    public boolean isThereAny() {
        return !repository.valid(ProtoTimestamps.now()).isEmpty();
    }
}
