package io.ponix.cli.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class ChaosHelpTest {

    /** {@code {kill,stop}-PART}: its parts are words somewhere else in the help. */
    private static final Pattern FAMILY = Pattern.compile("\\{([a-z,]+)\\}-([a-z]+-)?([A-Z]+)");

    private final String help =
            new CommandLine(new ChaosCommand()).getUsageMessage().replaceAll("\\s+", " ");

    private final Set<String> words =
            Arrays.stream(help.split("[^a-z-]+")).collect(Collectors.toSet());

    @Test
    void everyFaultIsFound() {
        Set<String> named = new TreeSet<>(words);
        FAMILY.matcher(help)
                .results()
                .forEach(
                        family -> {
                            String middle = family.group(2) == null ? "" : family.group(2);
                            for (String blow : family.group(1).split(",")) {
                                words.forEach(part -> named.add(blow + "-" + middle + part));
                            }
                        });

        assertThat(Fault.all())
                .extracting(Fault::id)
                .filteredOn(id -> !named.contains(id))
                .as("faults that the help does not name")
                .isEmpty();
    }
}
