package io.ponix.deviceservice.host;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.stub.StreamObserver;
import io.ponix.deviceservice.change.Etag;
import io.ponix.deviceservice.change.RegistryChanges;
import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.identifier.XidGenerator;
import io.ponix.deviceservice.request.Caller;
import io.ponix.deviceservice.request.DescriptionChange;
import io.ponix.deviceservice.request.LabelRules;
import io.ponix.deviceservice.request.PageToken;
import io.ponix.deviceservice.request.Paging;
import io.ponix.deviceservice.request.ProtoTimestamps;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.deviceservice.request.UpdateMask;
import io.ponix.proto.host.v1.AddHostRequest;
import io.ponix.proto.host.v1.AddHostResponse;
import io.ponix.proto.host.v1.DeleteHostRequest;
import io.ponix.proto.host.v1.DeleteHostResponse;
import io.ponix.proto.host.v1.ExportHostsRequest;
import io.ponix.proto.host.v1.ExportHostsResponse;
import io.ponix.proto.host.v1.GetHostRequest;
import io.ponix.proto.host.v1.GetHostResponse;
import io.ponix.proto.host.v1.Host;
import io.ponix.proto.host.v1.HostFormat;
import io.ponix.proto.host.v1.HostServiceGrpc;
import io.ponix.proto.host.v1.ImportHostsRequest;
import io.ponix.proto.host.v1.ImportHostsResponse;
import io.ponix.proto.host.v1.ListHostsRequest;
import io.ponix.proto.host.v1.ListHostsResponse;
import io.ponix.proto.host.v1.UndeleteHostRequest;
import io.ponix.proto.host.v1.UndeleteHostResponse;
import io.ponix.proto.host.v1.UpdateHostRequest;
import io.ponix.proto.host.v1.UpdateHostResponse;
import io.ponix.registry.Column;
import io.ponix.registry.HostRow;
import io.ponix.registry.Labels;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The methods of {@code ponix.host.v1.HostService}. Requests arrive validated. */
public final class HostGrpcService extends HostServiceGrpc.HostServiceImplBase {

    private static final List<String> CHANGEABLE =
            List.of(
                    "ip_address",
                    "hostname",
                    "aliases",
                    "comment",
                    "tags",
                    "gateway_id",
                    "device_id",
                    DescriptionChange.LABELS);

    /** In bytes: clients take answers of 4 MiB by default. */
    private static final int LONGEST_CONTENT = 2 << 20;

    /** Each is a statement or two, in one transaction. */
    private static final int MOST_LINES = 5_000;

    private final Database database;
    private final RegistryChanges changes;
    private final XidGenerator identifiers;

    /** Serves the hosts of a database. */
    public HostGrpcService(Database database, XidGenerator identifiers) {
        this.database = database;
        this.changes = new RegistryChanges(database);
        this.identifiers = identifiers;
    }

    @Override
    public void addHost(AddHostRequest request, StreamObserver<AddHostResponse> response) {
        HostEntry entry =
                HostEntry.of(
                        request.getIpAddress(),
                        request.getHostname(),
                        request.getAliasesList(),
                        request.getComment(),
                        request.getTagsList(),
                        request.getGatewayId(),
                        request.getDeviceId(),
                        request.getLabelsMap());
        answer(
                response,
                changes.make(
                        request,
                        AddHostResponse.getDefaultInstance(),
                        connection ->
                                AddHostResponse.newBuilder()
                                        .setHost(
                                                HostRepository.add(
                                                                connection,
                                                                HostImport.row(
                                                                        identifiers.next(),
                                                                        request.getOrganizationId(),
                                                                        entry,
                                                                        ProtoTimestamps.now()))
                                                        .toMessage())
                                        .build()));
    }

    @Override
    public void getHost(GetHostRequest request, StreamObserver<GetHostResponse> response) {
        HostRow host =
                database.call(
                                connection ->
                                        HostRepository.find(
                                                connection,
                                                request.getHostId(),
                                                Caller.current().organizationId()))
                        .orElseThrow(() -> HostRepository.notFound(request.getHostId()));
        answer(response, GetHostResponse.newBuilder().setHost(host.toMessage()).build());
    }

    @Override
    public void updateHost(UpdateHostRequest request, StreamObserver<UpdateHostResponse> response) {
        Set<String> fields = fields(request);
        answer(
                response,
                changes.make(
                        request,
                        UpdateHostResponse.getDefaultInstance(),
                        connection ->
                                UpdateHostResponse.newBuilder()
                                        .setHost(update(connection, request, fields).toMessage())
                                        .build()));
    }

    /** Those that the mask names; without one, those that are set. */
    private static Set<String> fields(UpdateHostRequest request) {
        UpdateMask mask = UpdateMask.of(request, CHANGEABLE);
        Set<String> given =
                request.getAllFields().keySet().stream()
                        .map(FieldDescriptor::getName)
                        .collect(Collectors.toSet());
        return CHANGEABLE.stream()
                .filter(field -> mask.changes(field, given.contains(field)))
                .collect(Collectors.toSet());
    }

    private static HostRow update(
            Connection connection, UpdateHostRequest request, Set<String> fields)
            throws SQLException {
        HostRow host =
                HostRepository.expect(
                        connection,
                        request.getHostId(),
                        Caller.current().organizationId(),
                        Etag.of(request.hasEtag(), request.getEtag()));
        HostEntry entry =
                HostEntry.of(
                        fields.contains("ip_address") ? request.getIpAddress() : host.ipAddress(),
                        fields.contains("hostname") ? request.getHostname() : host.hostname(),
                        fields.contains("aliases") ? request.getAliasesList() : host.aliases(),
                        fields.contains("comment") ? request.getComment() : host.comment(),
                        fields.contains("tags") ? request.getTagsList() : host.tags(),
                        fields.contains("gateway_id") ? request.getGatewayId() : host.gatewayId(),
                        fields.contains("device_id") ? request.getDeviceId() : host.deviceId(),
                        host.labels());
        Map<Column, Object> values = new LinkedHashMap<>();
        values.put(HostRow.IP_ADDRESS, entry.ipAddress());
        values.put(HostRow.HOSTNAME, entry.hostname());
        values.put(HostRow.ALIASES, HostRow.text(entry.aliases()));
        values.put(HostRow.COMMENT, entry.comment());
        values.put(HostRow.TAGS, HostRow.text(entry.tags()));
        values.put(HostRow.GATEWAY_ID, entry.gatewayId());
        values.put(HostRow.DEVICE_ID, entry.deviceId());
        DescriptionChange.ofLabels(
                UpdateMask.of(request, CHANGEABLE), request.getLabelsMap(), values);
        HostRow updated = HostRepository.update(connection, host, values, ProtoTimestamps.now());
        LabelRules.require(updated.labels());
        return updated;
    }

    @Override
    public void deleteHost(DeleteHostRequest request, StreamObserver<DeleteHostResponse> response) {
        answer(
                response,
                changes.make(
                        request,
                        DeleteHostResponse.getDefaultInstance(),
                        connection -> {
                            HostRow host =
                                    HostRepository.expect(
                                            connection,
                                            request.getHostId(),
                                            Caller.current().organizationId(),
                                            Etag.of(request.hasEtag(), request.getEtag()));
                            HostRepository.delete(connection, host, ProtoTimestamps.now());
                            return DeleteHostResponse.getDefaultInstance();
                        }));
    }

    @Override
    public void undeleteHost(
            UndeleteHostRequest request, StreamObserver<UndeleteHostResponse> response) {
        Database.Work<UndeleteHostResponse> undeletion =
                connection ->
                        UndeleteHostResponse.newBuilder()
                                .setHost(
                                        HostRepository.undelete(
                                                        connection,
                                                        request.getHostId(),
                                                        Caller.current().organizationId(),
                                                        Etag.of(
                                                                request.hasEtag(),
                                                                request.getEtag()))
                                                .toMessage())
                                .build();
        answer(
                response,
                changes.make(request, UndeleteHostResponse.getDefaultInstance(), undeletion));
    }

    @Override
    public void listHosts(ListHostsRequest request, StreamObserver<ListHostsResponse> response) {
        int size = Paging.pageSize(request.getPageSize());
        HostRepository.Filter filter =
                new HostRepository.Filter(
                        request.getOrganizationId(),
                        request.getIpFragment().toLowerCase(Locale.ROOT),
                        request.getNameFragment().toLowerCase(Locale.ROOT),
                        request.getTagsList(),
                        request.getLabelsMap());
        Optional<HostRepository.Place> after = place(request.getPageToken());
        ListHostsResponse.Builder page = ListHostsResponse.newBuilder();
        long[] bytes = {0};
        database.transaction(
                connection -> {
                    HostRepository.each(
                            connection,
                            filter,
                            after,
                            size + 1,
                            host -> add(page, host.toMessage(), size, bytes));
                    return null;
                });
        answer(response, page.build());
    }

    private static boolean add(ListHostsResponse.Builder page, Host host, int size, long[] bytes) {
        bytes[0] += host.getSerializedSize();
        int count = page.getHostsCount();
        if (count == size || count > 0 && bytes[0] > Paging.LONGEST_PAGE) {
            page.setNextPageToken(token(page.getHosts(count - 1)));
            return false;
        }
        page.addHosts(host);
        return true;
    }

    @Override
    public void exportHosts(
            ExportHostsRequest request, StreamObserver<ExportHostsResponse> response) {
        List<HostEntry> hosts = new ArrayList<>();
        long[] bytes = {0};
        database.transaction(
                connection -> {
                    HostRepository.each(
                            connection,
                            HostRepository.Filter.allOf(request.getOrganizationId()),
                            Optional.empty(),
                            Integer.MAX_VALUE,
                            host -> {
                                hosts.add(HostEntry.of(host));
                                bytes[0] += host.comment().length() + host.hostname().length();
                                bytes[0] += Labels.cell(host.labels()).length();
                                return bytes[0] <= LONGEST_CONTENT;
                            });
                    return null;
                });
        requireFitting(request, bytes[0]);
        String content =
                switch (request.getFormat()) {
                    case HOST_FORMAT_JSON -> HostJson.write(hosts);
                    case HOST_FORMAT_CSV -> HostCsv.write(hosts);
                    default -> HostText.write(hosts);
                };
        requireFitting(request, content.getBytes(StandardCharsets.UTF_8).length);
        answer(response, ExportHostsResponse.newBuilder().setContent(content).build());
    }

    private static void requireFitting(ExportHostsRequest request, long bytes) {
        if (bytes > LONGEST_CONTENT) {
            throw RequestException.resourceExhausted(
                            "The text would have more than "
                                    + LONGEST_CONTENT
                                    + " bytes, as many as an answer has: list the hosts in pages instead, by"
                                    + " ListHosts",
                            null)
                    .because(
                            "EXPORT_TOO_LARGE",
                            Map.of("organization_id", request.getOrganizationId()));
        }
    }

    @Override
    public void importHosts(
            ImportHostsRequest request, StreamObserver<ImportHostsResponse> response) {
        List<HostLine> lines = lines(request.getFormat(), request.getContent());
        answer(
                response,
                changes.make(
                        request,
                        ImportHostsResponse.getDefaultInstance(),
                        connection -> imported(connection, request, lines)));
    }

    private ImportHostsResponse imported(
            Connection connection, ImportHostsRequest request, List<HostLine> lines)
            throws SQLException {
        ImportHostsResponse imported =
                new HostImport(connection, request.getOrganizationId(), identifiers).run(lines);
        if (request.getValidateOnly() || imported.getRefusedCount() > 0) {
            connection.rollback();
            return imported;
        }
        return imported.toBuilder().setApplied(true).build();
    }

    private static List<HostLine> lines(HostFormat format, String content) {
        // Spreadsheets write a byte order mark.
        String text = content.startsWith("\uFEFF") ? content.substring(1) : content;
        List<HostLine> lines =
                switch (format) {
                    case HOST_FORMAT_JSON -> HostJson.read(text);
                    case HOST_FORMAT_CSV -> HostCsv.read(text);
                    default -> HostText.read(text);
                };
        if (lines.size() > MOST_LINES) {
            throw RequestException.invalidArgument(
                    "content",
                    "The text has "
                            + lines.size()
                            + " hosts, and one import takes "
                            + MOST_LINES
                            + ": divide it");
        }
        return lines;
    }

    private static <A extends Message> void answer(StreamObserver<A> response, A answer) {
        response.onNext(answer);
        response.onCompleted();
    }

    private static String token(Host last) {
        String place = last.getIpAddress() + " " + last.getHostname() + " " + last.getHostId();
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(place.getBytes(StandardCharsets.UTF_8));
    }

    private static Optional<HostRepository.Place> place(String token) {
        if (token.isEmpty()) {
            return Optional.empty();
        }
        try {
            String[] parts =
                    new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8)
                            .split(" ", 3);
            if (parts.length == 3) {
                return Optional.of(
                        new HostRepository.Place(HostEntry.address(parts[0]), parts[1], parts[2]));
            }
        } catch (IllegalArgumentException | RequestException e) {
            // Reported below, like a text with too few parts.
        }
        throw PageToken.refused();
    }
}
