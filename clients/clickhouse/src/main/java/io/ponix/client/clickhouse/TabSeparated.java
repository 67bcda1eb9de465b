package io.ponix.client.clickhouse;

import java.util.ArrayList;
import java.util.List;

/** ClickHouse's TabSeparated format, read back into text. */
final class TabSeparated {

    private TabSeparated() {}

    static List<List<String>> parse(String text) {
        List<List<String>> rows = new ArrayList<>();
        List<String> row = new ArrayList<>();
        StringBuilder value = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\t' -> {
                    row.add(value.toString());
                    value.setLength(0);
                }
                case '\n' -> {
                    row.add(value.toString());
                    value.setLength(0);
                    rows.add(List.copyOf(row));
                    row.clear();
                }
                case '\\' -> value.append(unescape(text.charAt(++i)));
                default -> value.append(c);
            }
        }
        return rows;
    }

    private static char unescape(char c) {
        return switch (c) {
            case 't' -> '\t';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 'b' -> '\b';
            case 'f' -> '\f';
            case '0' -> '\0';
            default -> c;
        };
    }
}
