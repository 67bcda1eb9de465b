package io.ponix.jobs.envelope.announcements;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.ponix.connector.nats.sink.JetStreamPublication;
import io.ponix.jobs.serialization.SerializedType;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * A change of an entity of the registry, as Postgres committed it and as it is announced.
 *
 * @param table whose row was changed
 * @param operation what was done to the row
 * @param id the entity's
 * @param version the row's monotonic version: of the new row, or of the row that was removed
 * @param entity the bare protobuf message of the entity as it is then; as it was before it was
 *     removed
 */
public record AnnouncedChange(
        AnnouncedTable table, Operation operation, String id, long version, ByteString entity) {

    /** How Flink carries it. */
    public static final TypeInformation<AnnouncedChange> TYPE =
            new SerializedType<>(AnnouncedChange.class, AnnouncedChangeSerializer.INSTANCE);

    /** What can happen to a row. A deletion by the service is an update that sets deleted_at. */
    public enum Operation {
        /** The row was inserted. */
        CREATE(1),
        /** The row was updated. */
        UPDATE(2),
        /** The row was removed. */
        DELETE(3);

        private final byte code;

        Operation(int code) {
            this.code = (byte) code;
        }

        /** The last token of the subjects. */
        public String token() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** The number that stands for it in serialized form; never reused. */
        byte code() {
            return code;
        }

        static Operation ofCode(byte code) {
            for (Operation operation : values()) {
                if (operation.code == code) {
                    return operation;
                }
            }
            throw new IllegalArgumentException("No operation has the code " + code);
        }
    }

    /** Checks that nothing is {@code null}. */
    public AnnouncedChange {
        requireNonNull(table, "table");
        requireNonNull(operation, "operation");
        requireNonNull(id, "id");
        requireNonNull(entity, "entity");
    }

    /**
     * The announcement, on {@code <stream>.create}, {@code .update} or {@code .delete}. Its message
     * id tells this change from any other and is the same however often the change is read, so that
     * the stream stores one message of it within its duplicate window.
     */
    JetStreamPublication announcement(String stream) {
        return JetStreamPublication.of(stream + "." + operation.token(), entity.toByteArray())
                .messageId(
                        URLEncoder.encode(id, StandardCharsets.UTF_8)
                                + ":"
                                + version
                                + ":"
                                + operation.token());
    }
}
