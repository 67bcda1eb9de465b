package io.ponix.cli.usage;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What {@code query} prints. */
@ExtendWith(RunningStack.Shared.class)
class QueryITCase {

    private final RunningStack stack;

    QueryITCase(RunningStack stack) {
        this.stack = stack;
    }

    @Test
    void aTableOfAQueryHasWholeNames() throws Exception {
        assertThat(
                        stack.run(
                                        "query",
                                        "SELECT count(), uniqExact(stream, stream_sequence,"
                                                + " received_at) FROM processed_envelopes")
                                .output())
                .contains("─uniqExact(stream, stream_sequence, received_at)─");
    }

    /** A program without a console, like this one, may print on a terminal. */
    @Test
    void whatAPayloadSaysIsShownInATableAndNotObeyed() throws Exception {
        assertThat(stack.run("query", "SELECT 'a' || char(27) || '[2Jb' AS text").output())
                .contains("a\\u001b[2Jb")
                .doesNotContain("\u001b");
        assertThat(
                        stack.run(
                                        "query",
                                        "--format",
                                        "TSVRaw",
                                        "SELECT 'a' || char(27) || '[2Jb' AS text")
                                .output())
                .contains("a\u001b[2Jb");
    }

    @Test
    void keysOfJsonHaveTheirDots() throws Exception {
        String query = "SELECT CAST('{\"x.y\": 1, \"x\": {\"y\": 2}}', 'JSON') AS data";

        // ClickHouse's formats for people show the path as it is stored.
        assertThat(stack.run("query", query).output()).contains("{\"x%2Ey\":1,\"x\":{\"y\":2}}");
        assertThat(stack.run("query", query, "--format", "TabSeparated").output())
                .isEqualTo("{\"x.y\":1,\"x\":{\"y\":2}}\n");
    }
}
