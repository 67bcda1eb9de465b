package io.ponix.cli.usage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The commands of a section of a document, for tests to do what a reader would. */
final class HowTo {

    private static final Pattern CALL =
            Pattern.compile(
                    "^grpcurl -plaintext -d '(?<json>[^']*)'\\s+(\\\\\\s+)?localhost:50051 (?<method>\\S+)$",
                    Pattern.MULTILINE);

    private static final Pattern PUBLICATION =
            Pattern.compile(
                    "^mosquitto_pub -q 1 -t (?<topic>\\S+) -m '(?<message>[^']*)'$",
                    Pattern.MULTILINE);

    private static final Pattern POST =
            Pattern.compile(
                    "^curl -H @\\S+ -d '(?<body>[^']*)'\\s+(\\\\\\s+)?'localhost:8090(?<target>[^']+)'$",
                    Pattern.MULTILINE);

    private final String section;

    private HowTo(String section) {
        this.section = section;
    }

    /** A call of the device service. */
    record Call(String json, String method) {}

    /** A message of a network server. */
    record Publication(String topic, String message) {}

    /** A request to the bridge. */
    record Post(String target, String body) {}

    /**
     * Reads it.
     *
     * @param document below the checkout
     * @param heading the section's, without what comes before it
     */
    static HowTo read(String document, String heading) throws IOException {
        String text = Files.readString(Path.of(System.getProperty("ponix.root"), document));
        int start = text.indexOf("\n### " + heading + "\n");
        if (start < 0) {
            throw new IllegalArgumentException(document + " has no section " + heading);
        }
        int end = text.indexOf("\n##", start + 1);
        return new HowTo(text.substring(start, end < 0 ? text.length() : end));
    }

    List<Call> calls() {
        return CALL.matcher(section)
                .results()
                .map((MatchResult found) -> new Call(found.group(1), found.group(3)))
                .toList();
    }

    List<Publication> publications() {
        return PUBLICATION
                .matcher(section)
                .results()
                .map((MatchResult found) -> new Publication(found.group(1), found.group(2)))
                .toList();
    }

    List<Post> posts() {
        return POST.matcher(section)
                .results()
                .map((MatchResult found) -> new Post(found.group(3), found.group(1)))
                .toList();
    }
}
