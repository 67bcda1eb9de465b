package io.ponix.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.RecordComponent;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EndDeviceRowTest {

    @Test
    void everyFieldThatIsWrittenIsReadAgain() throws Exception {
        EndDeviceRow row = withAnotherTextInEveryField();
        Map<Column, Object> values = row.values();
        assertThat(values.keySet()).containsExactlyElementsOf(EndDeviceRow.COLUMNS);
        assertThat(new HashSet<>(values.values())).hasSameSizeAs(EndDeviceRow.COLUMNS);
        assertThat(EndDeviceRow.read(new MapRow(values))).isEqualTo(row);
    }

    private static EndDeviceRow withAnotherTextInEveryField() throws Exception {
        RecordComponent[] fields = EndDeviceRow.class.getRecordComponents();
        Class<?>[] types =
                Arrays.stream(fields).map(RecordComponent::getType).toArray(Class<?>[]::new);
        Object[] names = Arrays.stream(fields).map(RecordComponent::getName).toArray();
        return EndDeviceRow.class.getDeclaredConstructor(types).newInstance(names);
    }

    private record MapRow(Map<Column, Object> values) implements Row<RuntimeException> {

        @Override
        public String text(Column column) {
            return (String) values.get(column);
        }

        @Override
        public long number(Column column) {
            return (Long) values.get(column);
        }

        @Override
        public Instant time(Column column) {
            return (Instant) values.get(column);
        }

        @Override
        public boolean has(Column column) {
            return values.get(column) != null;
        }
    }
}
