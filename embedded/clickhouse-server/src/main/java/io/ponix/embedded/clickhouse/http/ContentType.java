package io.ponix.embedded.clickhouse.http;

/** The media type that ClickHouse gives a format's output. */
final class ContentType {

    private ContentType() {}

    static String of(String format) {
        if (format.startsWith("TabSeparated") || format.startsWith("TSV")) {
            return "text/tab-separated-values; charset=UTF-8";
        }
        if (format.startsWith("CSV")) {
            return "text/csv; charset=UTF-8; header="
                    + (format.contains("WithNames") ? "present" : "absent");
        }
        if (format.startsWith("JSON")) {
            return format.contains("EachRow") && !format.startsWith("JSONObject")
                    ? "application/x-ndjson; charset=UTF-8"
                    : "application/json; charset=UTF-8";
        }
        return switch (format) {
            case "XML" -> "application/xml; charset=UTF-8";
            case "Native", "RowBinary", "Parquet", "ORC", "Arrow", "ArrowStream", "Avro" ->
                    "application/octet-stream";
            default ->
                    format.startsWith("RowBinary")
                            ? "application/octet-stream"
                            : "text/plain; charset=UTF-8";
        };
    }
}
