package io.ponix.embedded.flink;

import io.ponix.embedded.process.EmbeddedProcessException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A Flink configuration as this project writes it: flat keys, one per line. Flink itself reads
 * nested YAML too; for the product's own file the flat form is required, as it can be read, merged
 * and written without a YAML library.
 */
final class FlinkConfiguration {

    private static final Set<PosixFilePermission> OWNERS_ALONE =
            PosixFilePermissions.fromString("rw-------");

    private final Map<String, String> values = new TreeMap<>();

    static FlinkConfiguration read(Path file) throws IOException {
        return parse(Files.readAllLines(file), file.toString());
    }

    /**
     * @param source where the lines are from, for the message about one that is none
     */
    static FlinkConfiguration parse(List<String> lines, String source) {
        FlinkConfiguration configuration = new FlinkConfiguration();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            int colon = line.indexOf(": ");
            if (colon <= 0
                    || Character.isWhitespace(line.charAt(0))
                    || line.substring(colon + 1).isBlank()) {
                throw new EmbeddedProcessException(
                        source
                                + ", line "
                                + (i + 1)
                                + ": expected one \"key: value\" per line, without nesting, found: "
                                + line.strip());
            }
            configuration.set(line.substring(0, colon).strip(), line.substring(colon + 2).strip());
        }
        return configuration;
    }

    void set(String key, String value) {
        values.put(key, value);
    }

    Map<String, String> values() {
        return Map.copyOf(values);
    }

    String get(String key, String defaultValue) {
        return values.getOrDefault(key, defaultValue);
    }

    void write(Path file) throws IOException {
        StringBuilder text =
                new StringBuilder(
                        "# Written by every start of the cluster; change flink-conf/config.yaml instead.\n");
        values.forEach((key, value) -> text.append(key).append(": ").append(value).append('\n'));
        // FLINK_PROPERTIES may bring secrets: the file is its owner's alone, before they are in it.
        if (!Files.exists(file)) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(OWNERS_ALONE));
        }
        Files.setPosixFilePermissions(file, OWNERS_ALONE);
        Files.writeString(file, text);
    }
}
