package io.ponix.connector.postgres.cdc.source;

import io.ponix.connector.postgres.cdc.publication.PublicationState;
import io.ponix.connector.postgres.cdc.source.change.PostgresChange;
import io.ponix.connector.postgres.cdc.source.change.PostgresChangeDeserializer;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.util.Collector;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;

/** A change as a line of text: {@code UPDATE readings {id=1, name=a} -> {id=1, name=b}}. */
final class TextDeserializer implements PostgresChangeDeserializer<String> {

    private static final long serialVersionUID = 1L;

    @Override
    public void deserialize(PostgresChange change, Collector<String> out) {
        String before = text(change.before());
        String after = text(change.after());
        out.collect(
                change.operation()
                        + " "
                        + change.table().replaceFirst("_\\d+$", "")
                        + (before.isEmpty() ? "" : " " + before)
                        + (after.isEmpty() ? "" : " -> " + after));
    }

    @Override
    public void published(PublicationState state, Collector<String> out) {
        out.collect("PUBLISHED");
    }

    private static String text(Struct row) {
        if (row == null) {
            return "";
        }
        StringBuilder text = new StringBuilder("{");
        for (Field field : row.schema().fields()) {
            Object value = row.get(field);
            String shown =
                    value instanceof String string && string.length() > 40
                            ? string.length() + " characters, hash " + string.hashCode()
                            : String.valueOf(value);
            text.append(text.length() > 1 ? ", " : "")
                    .append(field.name())
                    .append('=')
                    .append(shown);
        }
        return text.append('}').toString();
    }

    @Override
    public TypeInformation<String> getProducedType() {
        return Types.STRING;
    }
}
