package io.ponix.client.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClickHouseErrorsTest {

    @ParameterizedTest(name = "{1} is {2}")
    @CsvSource({
        "252, TOO_MANY_PARTS, TRANSIENT",
        "241, MEMORY_LIMIT_EXCEEDED, TRANSIENT",
        "236, ABORTED, TRANSIENT",
        "49, LOGICAL_ERROR, UNCLASSIFIED",
        "1001, STD_EXCEPTION, UNCLASSIFIED",
        "159, TIMEOUT_EXCEEDED, TRANSIENT",
        "202, TOO_MANY_SIMULTANEOUS_QUERIES, TRANSIENT",
        "210, NETWORK_ERROR, TRANSIENT",
        "242, TABLE_IS_READ_ONLY, TRANSIENT",
        "319, UNKNOWN_STATUS_OF_INSERT, TRANSIENT",
        "246, CORRUPTED_DATA, TRANSIENT",
        "415, ALL_REPLICAS_LOST, TRANSIENT",
        "667, NOT_INITIALIZED, TRANSIENT",
        "999, KEEPER_EXCEPTION, TRANSIENT",
        "117, INCORRECT_DATA, DATA",
        "33, CANNOT_READ_ALL_DATA, DATA",
        "321, VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE, DATA",
        "469, VIOLATED_CONSTRAINT, DATA",
        "19, SIZE_OF_FIXED_STRING_DOESNT_MATCH, DATA",
        "60, UNKNOWN_TABLE, CONFIGURATION",
        "16, NO_SUCH_COLUMN_IN_TABLE, CONFIGURATION",
        "516, AUTHENTICATION_FAILED, CONFIGURATION",
        "497, ACCESS_DENIED, CONFIGURATION",
        "164, READONLY, CONFIGURATION",
        "342, METADATA_MISMATCH, CONFIGURATION",
        "673, RESOURCE_ACCESS_DENIED, CONFIGURATION",
        "36, BAD_ARGUMENTS, UNCLASSIFIED",
        "59999, something new, UNCLASSIFIED"
    })
    void codes(int code, String name, ErrorClass expected) {
        assertThat(ClickHouseErrors.classify(code)).as(name).isEqualTo(expected);
    }

    @Test
    void answersWithoutACode() {
        assertThat(ClickHouseErrors.classifyHttpStatus(503)).isEqualTo(ErrorClass.TRANSIENT);
        assertThat(ClickHouseErrors.classifyHttpStatus(502)).isEqualTo(ErrorClass.TRANSIENT);
        assertThat(ClickHouseErrors.classifyHttpStatus(429)).isEqualTo(ErrorClass.TRANSIENT);
        assertThat(ClickHouseErrors.classifyHttpStatus(401)).isEqualTo(ErrorClass.CONFIGURATION);
        assertThat(ClickHouseErrors.classifyHttpStatus(404)).isEqualTo(ErrorClass.CONFIGURATION);
    }

    @Test
    void valuesAreQuoted() {
        assertThat(Sql.string("it's \\ \n ä")).isEqualTo("'it\\'s \\\\ \\x0A \\xC3\\xA4'");
        assertThat(Sql.table("d`b", "t")).isEqualTo("`d\\`b`.`t`");
    }

    @Test
    void tabSeparatedReadsBack() {
        assertThat(TabSeparated.parse("a\\tb\t\\\\\nc\\n\t\n"))
                .containsExactly(List.of("a\tb", "\\"), List.of("c\n", ""));
        assertThat(TabSeparated.parse("")).isEmpty();
    }
}
