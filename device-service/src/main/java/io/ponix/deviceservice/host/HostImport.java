package io.ponix.deviceservice.host;

import io.ponix.deviceservice.identifier.XidGenerator;
import io.ponix.deviceservice.organization.ActiveOrganization;
import io.ponix.deviceservice.request.ProtoTimestamps;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.proto.host.v1.ImportHostsResponse;
import io.ponix.proto.host.v1.ImportOutcome;
import io.ponix.proto.host.v1.ImportedLine;
import io.ponix.registry.Column;
import io.ponix.registry.HostRow;
import io.ponix.registry.Labels;
import io.ponix.registry.RowColumns;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Makes hosts of an organization what lines say: those that are not there, by address and name, are
 * added, others are changed. In the transaction of its caller, who undoes it where a line is
 * refused.
 */
final class HostImport {

    private static final int MOST_LINES = 1_000;

    private final Connection connection;
    private final String organizationId;
    private final XidGenerator identifiers;
    private final Map<List<String>, HostRow> there = new HashMap<>();
    private final Set<List<String>> seen = new HashSet<>();
    private final List<ImportedLine> lines = new ArrayList<>();

    HostImport(Connection connection, String organizationId, XidGenerator identifiers) {
        this.connection = connection;
        this.organizationId = organizationId;
        this.identifiers = identifiers;
    }

    ImportHostsResponse run(List<HostLine> all) throws SQLException {
        ActiveOrganization.require(connection, organizationId, "host");
        lock(all.stream().flatMap(line -> line.entry().stream()).toList());
        for (HostLine line : all) {
            lines.add(imported(line));
        }
        return ImportHostsResponse.newBuilder()
                .addAllLines(
                        lines.stream()
                                .sorted(
                                        Comparator.comparing(
                                                line ->
                                                        line.getOutcome()
                                                                != ImportOutcome
                                                                        .IMPORT_OUTCOME_REFUSED))
                                .limit(MOST_LINES)
                                .toList())
                .setAddedCount(count(ImportOutcome.IMPORT_OUTCOME_ADDED))
                .setChangedCount(count(ImportOutcome.IMPORT_OUTCOME_CHANGED))
                .setUnchangedCount(count(ImportOutcome.IMPORT_OUTCOME_UNCHANGED))
                .setRefusedCount(count(ImportOutcome.IMPORT_OUTCOME_REFUSED))
                .build();
    }

    private int count(ImportOutcome outcome) {
        return (int) lines.stream().filter(line -> line.getOutcome() == outcome).count();
    }

    private ImportedLine imported(HostLine line) throws SQLException {
        ImportedLine.Builder imported = ImportedLine.newBuilder().setLine(line.number());
        if (line.entry().isEmpty()) {
            return refused(imported, line.problem());
        }
        HostEntry entry = line.entry().get();
        imported.setIpAddress(entry.ipAddress()).setHostname(entry.hostname());
        if (!seen.add(List.of(entry.ipAddress(), entry.hostname()))) {
            return refused(imported, "An earlier line has the same address and name");
        }
        try {
            return imported.setOutcome(outcome(entry, line.told())).build();
        } catch (RequestException e) {
            return refused(imported, e.getMessage());
        }
    }

    private static ImportedLine refused(ImportedLine.Builder line, String problem) {
        return line.setOutcome(ImportOutcome.IMPORT_OUTCOME_REFUSED).setProblem(problem).build();
    }

    /** Nobody changes what is there until the import is done, or undone. */
    private void lock(List<HostEntry> entries) throws SQLException {
        for (HostRow row : HostRepository.lock(connection, organizationId, entries)) {
            there.put(List.of(row.ipAddress(), row.hostname()), row);
        }
    }

    private ImportOutcome outcome(HostEntry entry, Set<HostField> told) throws SQLException {
        List<String> key = List.of(entry.ipAddress(), entry.hostname());
        Instant now = ProtoTimestamps.now();
        if (!there.containsKey(key)) {
            if (HostRepository.insert(
                            connection, row(identifiers.next(), organizationId, entry, now))
                    .isPresent()) {
                return ImportOutcome.IMPORT_OUTCOME_ADDED;
            }
            // Somebody else has added it meanwhile.
            lock(List.of(entry));
        }
        HostRow row = there.get(key);
        if (row == null) {
            throw RequestException.alreadyExists(
                            "Another host came and went meanwhile: import again")
                    .because(
                            "HOST_EXISTS",
                            Map.of("ip_address", key.get(0), "hostname", key.get(1)));
        }
        HostEntry wanted = entry.completedBy(row, told);
        if (HostEntry.of(row).equals(wanted)) {
            return ImportOutcome.IMPORT_OUTCOME_UNCHANGED;
        }
        Map<Column, Object> changes = new LinkedHashMap<>();
        changes.put(HostRow.ALIASES, HostRow.text(wanted.aliases()));
        changes.put(HostRow.COMMENT, wanted.comment());
        changes.put(HostRow.TAGS, HostRow.text(wanted.tags()));
        changes.put(HostRow.GATEWAY_ID, wanted.gatewayId());
        changes.put(HostRow.DEVICE_ID, wanted.deviceId());
        changes.put(RowColumns.LABELS, Labels.document(wanted.labels()));
        HostRepository.update(connection, row, changes, now);
        return ImportOutcome.IMPORT_OUTCOME_CHANGED;
    }

    /** A host that is not written yet. */
    static HostRow row(String id, String organizationId, HostEntry entry, Instant now) {
        return new HostRow(
                id,
                organizationId,
                entry.ipAddress(),
                entry.hostname(),
                entry.aliases(),
                entry.comment(),
                entry.tags(),
                entry.gatewayId(),
                entry.deviceId(),
                entry.labels(),
                now,
                now,
                Optional.empty(),
                0);
    }
}
