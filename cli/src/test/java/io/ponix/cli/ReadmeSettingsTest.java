package io.ponix.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.client.clickhouse.ClickHouseVariable;
import io.ponix.client.nats.NatsVariable;
import io.ponix.client.postgres.PostgresVariable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The README's table of where servers are has the variables that there are, and their defaults. */
class ReadmeSettingsTest {

    private static final String HEADING = "Where servers are and who logs in";
    private static final String NONE = "none";

    @Test
    void theTableOfServersIsThatOfThePrograms() throws Exception {
        Map<String, String> defaults = new TreeMap<>();
        for (NatsVariable variable : NatsVariable.values()) {
            defaults.put(variable.variable(), variable.byDefault());
        }
        for (PostgresVariable variable : PostgresVariable.values()) {
            defaults.put(variable.variable(), variable.byDefault());
        }
        for (ClickHouseVariable variable : ClickHouseVariable.values()) {
            defaults.put(variable.variable(), variable.byDefault());
        }

        assertThat(table()).containsExactlyInAnyOrderEntriesOf(defaults);
    }

    /** Each variable with its default, which is nothing for {@code none}. */
    private static Map<String, String> table() throws IOException {
        String readme = Files.readString(Path.of(System.getProperty("ponix.root"), "README.md"));
        String table = readme.substring(readme.indexOf("\n|", readme.indexOf(HEADING)) + 1);
        Map<String, String> defaults = new TreeMap<>();
        table.lines()
                .takeWhile(line -> line.startsWith("|"))
                .filter(line -> line.startsWith("| PONIX_"))
                .forEach(line -> addRow(line.split(" *\\| *"), defaults));
        return defaults;
    }

    /** Names behind the first begin where its server's name ends: PONIX_NATS_URL, _TOKEN. */
    private static void addRow(String[] cells, Map<String, String> defaults) {
        String[] names = cells[1].split(", ");
        String[] values = cells[2].split(", ");
        String server = names[0].replaceFirst("^(PONIX_[A-Z]+)_.*", "$1");
        for (int i = 0; i < names.length; i++) {
            String value = values.length == 1 ? values[0] : values[i];
            defaults.put(
                    names[i].startsWith("_") ? server + names[i] : names[i],
                    value.equals(NONE) ? "" : value);
        }
    }
}
