package io.ponix.deviceservice.host;

import io.ponix.deviceservice.request.RequestException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Hosts as {@code /etc/hosts} has them: a line each, of the address, the name and the aliases;
 * behind {@code #} the tags, in brackets, and the comment. A comment of several lines is written as
 * one. What a host is a gateway or a device of has no place in it.
 */
final class HostText {

    private static final Set<HostField> TOLD =
            EnumSet.of(HostField.ALIASES, HostField.COMMENT, HostField.TAGS);

    private static final Pattern TAGS = Pattern.compile("^\\[([^]]*)]\\s*");

    private HostText() {}

    static String write(List<HostEntry> hosts) {
        StringBuilder text = new StringBuilder();
        for (HostEntry host : hosts) {
            text.append(host.ipAddress()).append('\t').append(host.hostname());
            host.aliases().forEach(alias -> text.append(' ').append(alias));
            String comment = host.comment().strip().replaceAll("\\R", " ");
            if (!host.tags().isEmpty() || !comment.isEmpty()) {
                text.append(" #");
                // A comment that begins as tags do is none where there are tags before it.
                if (!host.tags().isEmpty() || comment.startsWith("[")) {
                    text.append(" [").append(String.join(", ", host.tags())).append(']');
                }
                if (!comment.isEmpty()) {
                    text.append(' ').append(comment);
                }
            }
            text.append('\n');
        }
        return text.toString();
    }

    static List<HostLine> read(String text) {
        List<HostLine> lines = new ArrayList<>();
        int number = 0;
        for (String line : text.split("\\r\\n|\\r|\\n", -1)) {
            number++;
            int hash = line.indexOf('#');
            String entry = (hash < 0 ? line : line.substring(0, hash)).strip();
            if (!entry.isEmpty()) {
                lines.add(line(number, entry, hash < 0 ? "" : line.substring(hash + 1).strip()));
            }
        }
        return lines;
    }

    private static HostLine line(int number, String entry, String remark) {
        List<String> words = Arrays.asList(entry.split("\\s+"));
        Matcher bracket = TAGS.matcher(remark);
        boolean hasTags = bracket.find();
        List<String> tags =
                hasTags
                        ? Arrays.stream(bracket.group(1).split(","))
                                .map(String::strip)
                                .filter(tag -> !tag.isEmpty())
                                .collect(Collectors.toList())
                        : List.of();
        return HostLine.of(
                number,
                TOLD,
                () -> {
                    if (words.size() < 2) {
                        throw RequestException.invalidArgument(
                                "hostname", "The name is missing behind the address");
                    }
                    return HostEntry.of(
                            words.get(0),
                            words.get(1),
                            words.subList(2, words.size()),
                            hasTags ? remark.substring(bracket.end()) : remark,
                            tags,
                            "",
                            "",
                            Map.of());
                });
    }
}
