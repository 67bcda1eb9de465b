package io.ponix.deviceservice.charging.station;

import io.ponix.deviceservice.charging.store.EnumText;
import io.ponix.deviceservice.database.Sql;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.proto.charging.v1.CertificateInstallationStatus;
import io.ponix.proto.charging.v1.CertificateType;
import io.ponix.proto.charging.v1.ChargeStationInstallCertificate;
import io.ponix.proto.charging.v1.ChargeStationInstallCertificates;
import io.ponix.registry.Column;
import io.ponix.registry.Row;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The tables {@code charging_station_install_certificates} and {@code
 * charging_station_certificates}.
 */
final class InstallCertificatesRepository
        extends MergedRecords<ChargeStationInstallCertificates.Builder> {

    private static final EnumText<CertificateType> TYPES =
            new EnumText<>(CertificateType.class, "CERTIFICATE_TYPE_");
    private static final EnumText<CertificateInstallationStatus> STATUSES =
            new EnumText<>(CertificateInstallationStatus.class, "CERTIFICATE_INSTALLATION_STATUS_");

    private static final Column ID = Column.of("certificate_id");
    private static final Column TYPE = Column.of("certificate_type");
    private static final Column DATA = Column.of("certificate_data");
    private static final Column STATUS = Column.of("status");
    private static final Column POSITION = Column.of("position");

    private static final int MOST = 200;

    /** Clients take answers of 4 MiB by default. */
    private static final int MOST_BYTES = 1 << 20;

    private static final String MERGE =
            "INSERT INTO charging_station_certificates (organization_id, charge_station_id,"
                    + " certificate_id, certificate_type, certificate_data, status, send_after)"
                    + " SELECT ?, ?, id, type, data, status, send_after::timestamptz"
                    + " FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[])"
                    + " WITH ORDINALITY AS given (id, type, data, status, send_after, place)"
                    + " ORDER BY place"
                    + " ON CONFLICT (organization_id, charge_station_id, certificate_id)"
                    + " DO UPDATE SET certificate_type = excluded.certificate_type,"
                    + " certificate_data = excluded.certificate_data, status = excluded.status,"
                    + " send_after = excluded.send_after";

    InstallCertificatesRepository() {
        super(
                "charging_station_install_certificates",
                "charging_station_certificates",
                List.of(ID, TYPE, DATA, STATUS, SendAfter.COLUMN),
                POSITION);
    }

    void merge(
            Connection connection,
            String organizationId,
            String chargeStationId,
            List<ChargeStationInstallCertificate> certificates)
            throws SQLException {
        hold(connection, organizationId, chargeStationId);
        if (certificates.isEmpty()) {
            return;
        }
        Map<String, ChargeStationInstallCertificate> given = new LinkedHashMap<>();
        certificates.forEach(each -> given.put(each.getCertificateId(), each));
        Sql.update(
                connection,
                MERGE,
                organizationId,
                chargeStationId,
                array(
                        connection,
                        given.values(),
                        ChargeStationInstallCertificate::getCertificateId),
                array(connection, given.values(), each -> TYPES.of(each.getCertificateType())),
                array(
                        connection,
                        given.values(),
                        ChargeStationInstallCertificate::getCertificateData),
                array(connection, given.values(), each -> STATUSES.of(each.getStatus())),
                array(
                        connection,
                        given.values(),
                        each -> SendAfter.textOrNull(each.hasSendAfter(), each.getSendAfter())));
        Size size = size(connection, organizationId, chargeStationId, List.of(ID, DATA));
        if (size.parts() > MOST || size.bytes() > MOST_BYTES) {
            throw RequestException.invalidArgument(
                    "certificates",
                    "A charge station has at most "
                            + MOST
                            + " certificates to install, of "
                            + MOST_BYTES
                            + " bytes in all: it would have "
                            + size.parts()
                            + ", of "
                            + size.bytes()
                            + " bytes");
        }
    }

    private static Array array(
            Connection connection,
            Collection<ChargeStationInstallCertificate> certificates,
            Function<ChargeStationInstallCertificate, String> text)
            throws SQLException {
        return connection.createArrayOf("text", certificates.stream().map(text).toArray());
    }

    @Override
    ChargeStationInstallCertificates.Builder begin(String chargeStationId) {
        return ChargeStationInstallCertificates.newBuilder().setChargeStationId(chargeStationId);
    }

    @Override
    void add(ChargeStationInstallCertificates.Builder record, Row<SQLException> row)
            throws SQLException {
        ChargeStationInstallCertificate.Builder certificate =
                ChargeStationInstallCertificate.newBuilder()
                        .setCertificateId(row.text(ID))
                        .setCertificateType(TYPES.parse(row.text(TYPE)))
                        .setCertificateData(row.text(DATA))
                        .setStatus(STATUSES.parse(row.text(STATUS)));
        SendAfter.read(row).ifPresent(certificate::setSendAfter);
        record.addCertificates(certificate);
    }
}
