package io.ponix.deviceservice.charging.station;

import io.ponix.deviceservice.charging.store.EnumText;
import io.ponix.deviceservice.database.Sql;
import io.ponix.proto.charging.v1.ChargeStationTriggerMessage;
import io.ponix.proto.charging.v1.TriggerMessage;
import io.ponix.proto.charging.v1.TriggerStatus;
import io.ponix.registry.Column;
import io.ponix.registry.Row;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** The table {@code charging_station_trigger_messages}: one of a station. */
final class TriggerMessageRepository {

    private static final EnumText<TriggerMessage> MESSAGES =
            new EnumText<>(TriggerMessage.class, "TRIGGER_MESSAGE_");
    private static final EnumText<TriggerStatus> STATUSES =
            new EnumText<>(TriggerStatus.class, "TRIGGER_STATUS_");

    private static final Column STATION = Column.of("charge_station_id");
    private static final Column MESSAGE = Column.of("trigger_message");
    private static final Column STATUS = Column.of("status");

    private static final String SELECT =
            "SELECT "
                    + Column.select(List.of(STATION, MESSAGE, STATUS, SendAfter.COLUMN))
                    + " FROM charging_station_trigger_messages WHERE organization_id = ?";

    private TriggerMessageRepository() {}

    static void set(
            Connection connection,
            String organizationId,
            String chargeStationId,
            ChargeStationTriggerMessage message)
            throws SQLException {
        Sql.update(
                connection,
                "INSERT INTO charging_station_trigger_messages"
                        + " (organization_id, charge_station_id, trigger_message, status, send_after)"
                        + " VALUES (?, ?, ?, ?, ?) ON CONFLICT (organization_id, charge_station_id)"
                        + " DO UPDATE SET trigger_message = excluded.trigger_message,"
                        + " status = excluded.status, send_after = excluded.send_after",
                organizationId,
                chargeStationId,
                MESSAGES.of(message.getTriggerMessage()),
                STATUSES.of(message.getTriggerStatus()),
                SendAfter.orNull(message.hasSendAfter(), message.getSendAfter()));
    }

    static Optional<ChargeStationTriggerMessage> find(
            Connection connection, String organizationId, String chargeStationId)
            throws SQLException {
        return Sql.query(
                        connection,
                        TriggerMessageRepository::read,
                        SELECT + " AND charge_station_id = ?",
                        organizationId,
                        chargeStationId)
                .stream()
                .findFirst();
    }

    /** Those of stations after one, by their id. */
    static List<ChargeStationTriggerMessage> list(
            Connection connection, String organizationId, String after, int limit)
            throws SQLException {
        return Sql.query(
                connection,
                TriggerMessageRepository::read,
                SELECT + " AND charge_station_id > ? ORDER BY charge_station_id LIMIT ?",
                organizationId,
                after,
                limit);
    }

    static void delete(Connection connection, String organizationId, String chargeStationId)
            throws SQLException {
        Sql.update(
                connection,
                "DELETE FROM charging_station_trigger_messages"
                        + " WHERE organization_id = ? AND charge_station_id = ?",
                organizationId,
                chargeStationId);
    }

    private static ChargeStationTriggerMessage read(Row<SQLException> row) throws SQLException {
        ChargeStationTriggerMessage.Builder message =
                ChargeStationTriggerMessage.newBuilder()
                        .setChargeStationId(row.text(STATION))
                        .setTriggerMessage(MESSAGES.parse(row.text(MESSAGE)))
                        .setTriggerStatus(STATUSES.parse(row.text(STATUS)));
        SendAfter.read(row).ifPresent(message::setSendAfter);
        return message.build();
    }
}
