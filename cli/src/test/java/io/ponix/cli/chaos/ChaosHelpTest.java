package io.ponix.cli.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class ChaosHelpTest {

    /** {@code {kill,stop}-PART}; what PART may be is said behind it: {@code PART is a, b or c.} */
    private static final Pattern FAMILY = Pattern.compile("\\{([a-z,]+)\\}-((?:[a-z]+-)*)([A-Z]+)");

    private static final String REMARK = " \\([^)]*\\)";

    @Test
    void itListsEveryFaultAndNoOther() {
        List<String> named = new ArrayList<>();
        for (String entry : entries()) {
            String names = entry.replaceFirst(":.*", "").replaceAll(REMARK, "");
            Matcher family = FAMILY.matcher(names);
            if (family.matches()) {
                for (String blow : family.group(1).split(",")) {
                    for (String member : members(entry, family.group(3))) {
                        named.add(blow + "-" + family.group(2) + member);
                    }
                }
            } else {
                named.addAll(List.of(names.replaceFirst("\\.$", "").split(", ")));
            }
        }

        assertThat(named)
                .containsExactlyInAnyOrderElementsOf(Fault.all().stream().map(Fault::id).toList());
    }

    private static List<String> entries() {
        List<String> footer =
                Arrays.asList(
                        new CommandLine(new ChaosCommand())
                                .getCommandSpec()
                                .usageMessage()
                                .footer());
        return footer.subList(footer.indexOf("Faults:") + 1, footer.size()).stream()
                .takeWhile(line -> line.startsWith("  "))
                .map(String::strip)
                .toList();
    }

    private static String[] members(String entry, String name) {
        Matcher members =
                Pattern.compile(name + " is ([^.:]+)[.:]").matcher(entry.replaceAll(REMARK, ""));
        assertThat(members.find()).as(entry).isTrue();
        return members.group(1).split(", | or ");
    }
}
