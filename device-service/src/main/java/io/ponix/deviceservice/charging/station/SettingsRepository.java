package io.ponix.deviceservice.charging.station;

import io.ponix.deviceservice.charging.store.EnumText;
import io.ponix.deviceservice.database.Sql;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.proto.charging.v1.ChargeStationSetting;
import io.ponix.proto.charging.v1.ChargeStationSettingStatus;
import io.ponix.proto.charging.v1.ChargeStationSettings;
import io.ponix.registry.Column;
import io.ponix.registry.Row;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** The tables {@code charging_station_settings} and {@code charging_station_setting_values}. */
final class SettingsRepository extends MergedRecords<ChargeStationSettings.Builder> {

    private static final EnumText<ChargeStationSettingStatus> STATUSES =
            new EnumText<>(ChargeStationSettingStatus.class, "CHARGE_STATION_SETTING_STATUS_");

    private static final Column NAME = Column.of("name");
    private static final Column VALUE = Column.of("value");
    private static final Column STATUS = Column.of("status");

    private static final int MOST = 1_000;

    /** Clients take answers of 4 MiB by default. */
    private static final int MOST_BYTES = 1 << 20;

    private static final String MERGE =
            "INSERT INTO charging_station_setting_values"
                    + " (organization_id, charge_station_id, name, value, status, send_after)"
                    + " SELECT ?, ?, name, value, status, send_after::timestamptz"
                    + " FROM unnest(?::text[], ?::text[], ?::text[], ?::text[])"
                    + " AS given (name, value, status, send_after)"
                    + " ON CONFLICT (organization_id, charge_station_id, name) DO UPDATE SET"
                    + " value = excluded.value, status = excluded.status,"
                    + " send_after = excluded.send_after";

    SettingsRepository() {
        super(
                "charging_station_settings",
                "charging_station_setting_values",
                List.of(NAME, VALUE, STATUS, SendAfter.COLUMN),
                NAME);
    }

    void merge(
            Connection connection,
            String organizationId,
            String chargeStationId,
            Map<String, ChargeStationSetting> settings)
            throws SQLException {
        hold(connection, organizationId, chargeStationId);
        if (settings.isEmpty()) {
            return;
        }
        List<Map.Entry<String, ChargeStationSetting>> given = List.copyOf(settings.entrySet());
        Sql.update(
                connection,
                MERGE,
                organizationId,
                chargeStationId,
                array(connection, given.stream().map(Map.Entry::getKey).toArray()),
                array(connection, given.stream().map(each -> each.getValue().getValue()).toArray()),
                array(
                        connection,
                        given.stream()
                                .map(each -> STATUSES.of(each.getValue().getStatus()))
                                .toArray()),
                array(
                        connection,
                        given.stream()
                                .map(
                                        each ->
                                                SendAfter.textOrNull(
                                                        each.getValue().hasSendAfter(),
                                                        each.getValue().getSendAfter()))
                                .toArray()));
        Size size = size(connection, organizationId, chargeStationId, List.of(NAME, VALUE));
        if (size.parts() > MOST || size.bytes() > MOST_BYTES) {
            throw RequestException.invalidArgument(
                    "settings",
                    "A charge station has at most "
                            + MOST
                            + " settings, of "
                            + MOST_BYTES
                            + " bytes in all: it would have "
                            + size.parts()
                            + ", of "
                            + size.bytes()
                            + " bytes");
        }
    }

    private static Array array(Connection connection, Object[] texts) throws SQLException {
        return connection.createArrayOf("text", texts);
    }

    @Override
    ChargeStationSettings.Builder begin(String chargeStationId) {
        return ChargeStationSettings.newBuilder().setChargeStationId(chargeStationId);
    }

    @Override
    void add(ChargeStationSettings.Builder record, Row<SQLException> row) throws SQLException {
        ChargeStationSetting.Builder setting =
                ChargeStationSetting.newBuilder()
                        .setValue(row.text(VALUE))
                        .setStatus(STATUSES.parse(row.text(STATUS)));
        SendAfter.read(row).ifPresent(setting::setSendAfter);
        record.putSettings(row.text(NAME), setting.build());
    }
}
