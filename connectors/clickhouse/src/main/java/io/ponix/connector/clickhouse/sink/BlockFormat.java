package io.ponix.connector.clickhouse.sink;

import java.io.IOException;
import java.util.Map;

/**
 * In which of ClickHouse's formats a batch is held and sent.
 *
 * <p>Part of the state: {@link #tag()} is written with every committable and never changes its
 * meaning. A further format (Native) becomes a further constant, with what differs as abstract
 * methods: the settings its inserts need, and how rows are cut out of a block.
 */
enum BlockFormat {
    /** Rows one after the other. */
    ROW_BINARY(1, "RowBinary") {
        @Override
        Map<String, String> insertSettings() {
            return Map.of("input_format_binary_read_json_as_string", "1");
        }
    };

    private final int tag;
    private final String clickHouseName;

    BlockFormat(int tag, String clickHouseName) {
        this.tag = tag;
        this.clickHouseName = clickHouseName;
    }

    /** Settings that an insert in this format needs. */
    abstract Map<String, String> insertSettings();

    /** The name in {@code INSERT … FORMAT}. */
    String clickHouseName() {
        return clickHouseName;
    }

    /** The constant's number in state. */
    int tag() {
        return tag;
    }

    static BlockFormat ofTag(int tag) throws IOException {
        for (BlockFormat format : values()) {
            if (format.tag == tag) {
                return format;
            }
        }
        throw new IOException(
                "Unknown block format "
                        + tag
                        + " in state: it was written by a newer version of this connector");
    }
}
