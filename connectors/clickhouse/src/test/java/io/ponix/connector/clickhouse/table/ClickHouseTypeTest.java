package io.ponix.connector.clickhouse.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.connector.clickhouse.table.ClickHouseType.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClickHouseTypeTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "String                           | STRING      | 0 | false",
                "LowCardinality(String)           | STRING      | 0 | false",
                "LowCardinality(Nullable(String)) | STRING      | 0 | true",
                "Nullable(UInt64)                 | UINT64      | 0 | true",
                "DateTime                         | DATE_TIME   | 0 | false",
                "DateTime('Europe/Berlin')        | DATE_TIME   | 0 | false",
                "DateTime64(3)                    | DATE_TIME64 | 3 | false",
                "DateTime64(6, 'UTC')             | DATE_TIME64 | 6 | false",
                "JSON                             | JSON        | 0 | false",
                "JSON(temperature_1 Float64)      | JSON        | 0 | false",
                "Bool                             | BOOL        | 0 | false",
                "UUID                             | UUID        | 0 | false"
            })
    void parses(String name, Kind kind, int precision, boolean nullable) {
        ClickHouseType type = ClickHouseType.parse(name);
        assertThat(type.kind()).isEqualTo(kind);
        assertThat(type.precision()).isEqualTo(precision);
        assertThat(type.nullable()).isEqualTo(nullable);
        assertThat(type.name()).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource({
        "Array(String),STRING,false",
        "Array(LowCardinality(Nullable(String))),STRING,true"
    })
    void anArrayIsOfAnyOtherType(String name, Kind kind, boolean nullable) {
        ClickHouseType type = ClickHouseType.parse(name);
        assertThat(type.array()).isTrue();
        assertThat(type.kind()).isEqualTo(kind);
        assertThat(type.nullable()).isEqualTo(nullable);
        assertThat(ClickHouseType.parse("String").array()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "String          | LowCardinality(String)   | true",
                "DateTime64(3)   | DateTime64(3, 'UTC')     | true",
                "JSON            | JSON(a Int64)            | true",
                "DateTime64(3)   | DateTime64(6)            | false",
                "DateTime64(3)   | DateTime                 | false",
                "String          | Nullable(String)         | false",
                "Array(String)   | Array(LowCardinality(String)) | true",
                "Array(String)   | String                   | false",
                "JSON            | String                   | false",
                "UInt64          | Int64                    | false"
            })
    void typesOfTheSameBytes(String written, String actual, boolean same) {
        assertThat(ClickHouseType.parse(written).isWrittenLike(ClickHouseType.parse(actual)))
                .isEqualTo(same);
    }

    @Test
    void otherTypesAreRefusedWithTheListOfThoseThatWork() {
        assertThatThrownBy(() -> ClickHouseColumn.of("a", "Array(Array(String))"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Array(Array(String))")
                .hasMessageContaining("DateTime64");
        assertThatThrownBy(() -> ClickHouseColumn.of("a", "DateTime64"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
