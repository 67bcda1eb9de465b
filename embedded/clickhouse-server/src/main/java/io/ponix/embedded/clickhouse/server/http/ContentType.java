package io.ponix.embedded.clickhouse.server.http;

import java.util.Set;

/** The media type that ClickHouse gives a format's output. */
final class ContentType {

    private ContentType() {}

    private static final Set<String> BINARY =
            Set.of("Native", "Parquet", "ORC", "Arrow", "ArrowStream", "Avro", "MsgPack", "Npy");

    static String of(String format) {
        if (format.startsWith("TabSeparated") || format.startsWith("TSV")) {
            return "text/tab-separated-values; charset=UTF-8";
        }
        if (format.startsWith("CSV")) {
            return "text/csv; charset=UTF-8; header="
                    + (format.contains("WithNames") ? "present" : "absent");
        }
        if (format.startsWith("JSON")) {
            return (format.endsWith("EachRow") ? "application/x-ndjson" : "application/json")
                    + "; charset=UTF-8";
        }
        if (format.startsWith("RowBinary") || BINARY.contains(format)) {
            return "application/octet-stream";
        }
        return format.equals("XML")
                ? "application/xml; charset=UTF-8"
                : "text/plain; charset=UTF-8";
    }
}
