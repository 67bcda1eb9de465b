package io.ponix.deviceservice.charging.transaction;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.ponix.deviceservice.database.Sql;
import io.ponix.proto.charging.v1.MeterValue;
import io.ponix.proto.charging.v1.SampledValue;
import io.ponix.registry.Column;
import io.ponix.registry.Row;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;

/** The table {@code charging_meter_values}: those of a transaction are numbered as they arrive. */
final class MeterValueRepository {

    private static final Column NUMBER = Column.of("number");
    private static final Column MEASURED_AT = Column.of("measured_at");
    private static final Column SAMPLED_VALUES = Column.of("sampled_values");

    private static final JsonFormat.Printer PRINTER =
            JsonFormat.printer().preservingProtoFieldNames().omittingInsignificantWhitespace();
    private static final JsonFormat.Parser PARSER = JsonFormat.parser().ignoringUnknownFields();

    private MeterValueRepository() {}

    /**
     * Adds some, while the transaction's row is held.
     *
     * @param count how many there are with them
     */
    static void add(Connection connection, TransactionKey key, List<MeterValue> values, long count)
            throws SQLException {
        if (values.isEmpty()) {
            return;
        }
        Sql.update(
                connection,
                "INSERT INTO charging_meter_values (organization_id, charge_station_id,"
                        + " transaction_id, number, measured_at, sampled_values)"
                        + " SELECT ?, ?, ?, ? + place, measured_at, sampled_values::json"
                        + " FROM unnest(?::text[], ?::text[])"
                        + " WITH ORDINALITY AS given (measured_at, sampled_values, place)",
                key.organizationId(),
                key.chargeStationId(),
                key.transactionId(),
                count - values.size(),
                connection.createArrayOf(
                        "text", values.stream().map(MeterValue::getTimestamp).toArray()),
                connection.createArrayOf(
                        "text", values.stream().map(MeterValueRepository::json).toArray()));
    }

    /** Takes meter values one after another. */
    @FunctionalInterface
    interface Taker {
        /** Takes one and its number, and returns whether it wants another. */
        boolean take(MeterValue value, long number);
    }

    /** Passes on those after a number, as they arrived, until no more are wanted. */
    static void each(Connection connection, TransactionKey key, long after, int limit, Taker taker)
            throws SQLException {
        Sql.each(
                connection,
                row -> taker.take(read(row), row.number(NUMBER)),
                "SELECT "
                        + Column.select(List.of(NUMBER, MEASURED_AT, SAMPLED_VALUES))
                        + " FROM charging_meter_values WHERE organization_id = ?"
                        + " AND charge_station_id = ? AND transaction_id = ? AND number > ?"
                        + " ORDER BY number LIMIT ?",
                key.organizationId(),
                key.chargeStationId(),
                key.transactionId(),
                after,
                limit);
    }

    private static MeterValue read(Row<SQLException> row) throws SQLException {
        MeterValue.Builder value = MeterValue.newBuilder();
        try {
            PARSER.merge("{\"sampled_values\":" + row.text(SAMPLED_VALUES) + "}", value);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(
                    "Not a list of sampled values, in meter value " + row.number(NUMBER), e);
        }
        return value.setTimestamp(row.text(MEASURED_AT)).build();
    }

    private static String json(MeterValue value) {
        return value.getSampledValuesList().stream()
                .map(MeterValueRepository::json)
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static String json(SampledValue value) {
        try {
            return PRINTER.print(value);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("It cannot be written as JSON", e);
        }
    }
}
