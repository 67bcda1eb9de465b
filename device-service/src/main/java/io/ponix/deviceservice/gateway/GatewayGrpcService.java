package io.ponix.deviceservice.gateway;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.ponix.deviceservice.access.Secret;
import io.ponix.deviceservice.change.Etag;
import io.ponix.deviceservice.change.RegistryChanges;
import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.identifier.XidGenerator;
import io.ponix.deviceservice.listing.ListQuery;
import io.ponix.deviceservice.request.Caller;
import io.ponix.deviceservice.request.DescriptionChange;
import io.ponix.deviceservice.request.LabelRules;
import io.ponix.deviceservice.request.ProtoTimestamps;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.deviceservice.request.UpdateMask;
import io.ponix.intake.IntakeCompiler;
import io.ponix.proto.access.v1.Role;
import io.ponix.proto.gateway.v1.CreateGatewayKeyRequest;
import io.ponix.proto.gateway.v1.CreateGatewayKeyResponse;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.CreateGatewayResponse;
import io.ponix.proto.gateway.v1.DeleteGatewayKeyRequest;
import io.ponix.proto.gateway.v1.DeleteGatewayKeyResponse;
import io.ponix.proto.gateway.v1.DeleteGatewayRequest;
import io.ponix.proto.gateway.v1.DeleteGatewayResponse;
import io.ponix.proto.gateway.v1.EMQXGatewayConfig;
import io.ponix.proto.gateway.v1.Enrolment;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayKey;
import io.ponix.proto.gateway.v1.GatewayServiceGrpc;
import io.ponix.proto.gateway.v1.GatewayStatus;
import io.ponix.proto.gateway.v1.GatewayType;
import io.ponix.proto.gateway.v1.GetGatewayRequest;
import io.ponix.proto.gateway.v1.GetGatewayResponse;
import io.ponix.proto.gateway.v1.ListGatewaysRequest;
import io.ponix.proto.gateway.v1.ListGatewaysResponse;
import io.ponix.proto.gateway.v1.UndeleteGatewayRequest;
import io.ponix.proto.gateway.v1.UndeleteGatewayResponse;
import io.ponix.proto.gateway.v1.UpdateGatewayRequest;
import io.ponix.proto.gateway.v1.UpdateGatewayResponse;
import io.ponix.registry.Column;
import io.ponix.registry.Description;
import io.ponix.registry.GatewayRow;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The methods of {@code ponix.gateway.v1.GatewayService}. Requests arrive validated, but for the
 * config.
 *
 * <p>Nothing is told to bridges from here: the pipeline reads the changes of the table and
 * announces them, so that none is lost between the database and the stream.
 */
public final class GatewayGrpcService extends GatewayServiceGrpc.GatewayServiceImplBase {

    private static final int ENROLMENTS_PER_HOUR = 100;

    private static final String NAME = "name";
    private static final String STATUS = "status";
    private static final String STATUS_REASON = "status_reason";

    /** What a bridge says of its gateways. */
    private static final Set<String> OF_BRIDGES = Set.of(STATUS, STATUS_REASON);

    private static final String TYPE = "type";
    private static final String EMQX_CONFIG = "emqx_config";
    private static final String INTAKE_PRESET = "intake_preset";
    private static final String INTAKE_EXPRESSION = "intake_expression";
    private static final String ENROLMENT = "enrolment";

    private static final List<String> CHANGEABLE =
            List.of(
                    NAME,
                    STATUS,
                    STATUS_REASON,
                    TYPE,
                    EMQX_CONFIG,
                    INTAKE_PRESET,
                    INTAKE_EXPRESSION,
                    ENROLMENT,
                    DescriptionChange.DESCRIPTION,
                    DescriptionChange.LABELS);

    private final RegistryChanges changes;
    private final GatewayRepository gateways;
    private final XidGenerator identifiers;
    private final GatewayIntake intake;

    /** Serves the gateways of a database, whose intake expressions the compiler checks. */
    public GatewayGrpcService(
            Database database, XidGenerator identifiers, IntakeCompiler compiler) {
        this.changes = new RegistryChanges(database);
        this.gateways = new GatewayRepository(database);
        this.identifiers = identifiers;
        this.intake = new GatewayIntake(compiler);
    }

    @Override
    public void createGateway(
            CreateGatewayRequest request, StreamObserver<CreateGatewayResponse> response) {
        Optional<EMQXGatewayConfig> emqx =
                request.hasEmqxConfig() ? Optional.of(request.getEmqxConfig()) : Optional.empty();
        emqx.ifPresent(GatewayConfig::require);
        GatewayIntake.requirePreset(request.getIntakePreset());
        intake.requireExpression(request.getIntakeExpression());
        GatewayConfig.require(request.getEnrolment());
        Instant now = ProtoTimestamps.now();
        GatewayRow gateway =
                new GatewayRow(
                        identifiers.next(),
                        request.getOrganizationId(),
                        request.getName(),
                        GatewayRow.text(type(request.getType(), emqx)),
                        GatewayRow.text(GatewayStatus.GATEWAY_STATUS_ACTIVE),
                        "",
                        emqx.map(GatewayRow::text).orElse(GatewayRow.NO_CONFIG),
                        request.getIntakePreset(),
                        request.getIntakeExpression(),
                        request.getEnrolment().getDefinitionId(),
                        perHour(request.getEnrolment()),
                        GatewayRow.NO_KEYS,
                        Description.of(request.getDescription(), request.getLabelsMap()),
                        now,
                        now,
                        Optional.empty(),
                        0);
        response.onNext(
                changes.make(
                        request,
                        CreateGatewayResponse.getDefaultInstance(),
                        connection ->
                                CreateGatewayResponse.newBuilder()
                                        .setGateway(
                                                GatewayRepository.add(connection, gateway)
                                                        .toMessage())
                                        .build()));
        response.onCompleted();
    }

    @Override
    public void getGateway(GetGatewayRequest request, StreamObserver<GetGatewayResponse> response) {
        GatewayRow gateway =
                gateways.find(request.getGatewayId(), organization(request.getOrganizationId()))
                        .orElseThrow(() -> GatewayRepository.notFound(request.getGatewayId()));
        response.onNext(GetGatewayResponse.newBuilder().setGateway(gateway.toMessage()).build());
        response.onCompleted();
    }

    @Override
    public void listGateways(
            ListGatewaysRequest request, StreamObserver<ListGatewaysResponse> response) {
        ListQuery.Result<Gateway> page = gateways.list(request);
        ListGatewaysResponse.Builder list =
                ListGatewaysResponse.newBuilder()
                        .addAllGateways(page.messages())
                        .setNextPageToken(page.nextPageToken());
        page.totalSize().ifPresent(list::setTotalSize);
        response.onNext(list.build());
        response.onCompleted();
    }

    @Override
    public void updateGateway(
            UpdateGatewayRequest request, StreamObserver<UpdateGatewayResponse> response) {
        requireMayChange(request);
        Map<Column, Object> values = changes(request);
        response.onNext(
                changes.make(
                        request,
                        UpdateGatewayResponse.getDefaultInstance(),
                        connection ->
                                UpdateGatewayResponse.newBuilder()
                                        .setGateway(update(connection, request, values).toMessage())
                                        .build()));
        response.onCompleted();
    }

    /** The new values of what a request changes. */
    private Map<Column, Object> changes(UpdateGatewayRequest request) {
        UpdateMask mask = UpdateMask.of(request, CHANGEABLE);
        Map<Column, Object> values = new LinkedHashMap<>();
        if (mask.changes(NAME, !request.getName().isEmpty())) {
            values.put(GatewayRow.NAME, request.getName());
        }
        changeConfig(request, mask, values);
        boolean isWithoutStatus = request.getStatus() == GatewayStatus.GATEWAY_STATUS_UNSPECIFIED;
        mask.requireNotCleared(STATUS, isWithoutStatus, "Gateway status cannot be cleared");
        if (mask.changes(STATUS, !isWithoutStatus)) {
            values.put(GatewayRow.STATUS, GatewayRow.text(request.getStatus()));
            values.put(GatewayRow.STATUS_REASON, request.getStatusReason());
        } else if (mask.changes(STATUS_REASON, false)) {
            values.put(GatewayRow.STATUS_REASON, request.getStatusReason());
        }
        changeIntake(request, mask, values);
        if (mask.changes(ENROLMENT, request.hasEnrolment())) {
            GatewayConfig.require(request.getEnrolment());
            values.put(
                    GatewayRow.ENROLMENT_DEFINITION_ID, request.getEnrolment().getDefinitionId());
            values.put(GatewayRow.ENROLMENTS_PER_HOUR, perHour(request.getEnrolment()));
        }
        DescriptionChange.ofText(mask, request.hasDescription(), request.getDescription(), values);
        DescriptionChange.ofLabels(mask, request.getLabelsMap(), values);
        return values;
    }

    private static void changeConfig(
            UpdateGatewayRequest request, UpdateMask mask, Map<Column, Object> values) {
        boolean isChanged = mask.changes(EMQX_CONFIG, request.hasEmqxConfig());
        Optional<EMQXGatewayConfig> emqx =
                isChanged && request.hasEmqxConfig()
                        ? Optional.of(request.getEmqxConfig())
                        : Optional.empty();
        emqx.ifPresent(GatewayConfig::require);
        if (isChanged) {
            values.put(GatewayRow.CONFIG, emqx.map(GatewayRow::text).orElse(GatewayRow.NO_CONFIG));
        }
        GatewayType type = type(request.getType(), emqx);
        if (emqx.isPresent() || mask.changes(TYPE, type != GatewayType.GATEWAY_TYPE_UNSPECIFIED)) {
            values.put(GatewayRow.TYPE, GatewayRow.text(type));
        }
    }

    /** One that is set takes the place of the other. */
    private void changeIntake(
            UpdateGatewayRequest request, UpdateMask mask, Map<Column, Object> values) {
        boolean isGiven = request.getIntakeCase() != UpdateGatewayRequest.IntakeCase.INTAKE_NOT_SET;
        boolean changesPreset = mask.changes(INTAKE_PRESET, isGiven);
        boolean changesExpression = mask.changes(INTAKE_EXPRESSION, isGiven);
        String preset = changesPreset ? request.getIntakePreset() : "";
        String expression = changesExpression ? request.getIntakeExpression() : "";
        GatewayIntake.requirePreset(preset);
        intake.requireExpression(expression);
        if (changesPreset || !expression.isEmpty()) {
            values.put(GatewayRow.INTAKE_PRESET, preset);
        }
        if (changesExpression || !preset.isEmpty()) {
            values.put(GatewayRow.INTAKE_EXPRESSION, expression);
        }
    }

    @Override
    public void deleteGateway(
            DeleteGatewayRequest request, StreamObserver<DeleteGatewayResponse> response) {
        response.onNext(
                changes.make(
                        request,
                        DeleteGatewayResponse.getDefaultInstance(),
                        connection -> {
                            if (!GatewayRepository.delete(
                                    connection,
                                    request.getGatewayId(),
                                    organization(request.getOrganizationId()),
                                    Etag.of(request.hasEtag(), request.getEtag()),
                                    ProtoTimestamps.now())) {
                                throw GatewayRepository.notFound(request.getGatewayId());
                            }
                            return DeleteGatewayResponse.getDefaultInstance();
                        }));
        response.onCompleted();
    }

    @Override
    public void undeleteGateway(
            UndeleteGatewayRequest request, StreamObserver<UndeleteGatewayResponse> response) {
        Database.Work<UndeleteGatewayResponse> undeletion =
                connection ->
                        UndeleteGatewayResponse.newBuilder()
                                .setGateway(
                                        GatewayRepository.undelete(
                                                        connection,
                                                        request.getGatewayId(),
                                                        organization(request.getOrganizationId()),
                                                        Etag.of(
                                                                request.hasEtag(),
                                                                request.getEtag()),
                                                        GatewayRepository.notFound(
                                                                request.getGatewayId()))
                                                .toMessage())
                                .build();
        response.onNext(
                changes.make(request, UndeleteGatewayResponse.getDefaultInstance(), undeletion));
        response.onCompleted();
    }

    @Override
    public void createGatewayKey(
            CreateGatewayKeyRequest request, StreamObserver<CreateGatewayKeyResponse> response) {
        String secret = Secret.PREFIX + Secret.next();
        Instant now = ProtoTimestamps.now();
        GatewayKey key =
                GatewayKey.newBuilder()
                        .setKeyId(identifiers.next())
                        .setName(request.getName())
                        .setCreatedAt(ProtoTimestamps.of(now))
                        .setSha256(ByteString.copyFrom(Secret.sha256(secret)))
                        .build();
        CreateGatewayKeyResponse answer =
                CreateGatewayKeyResponse.newBuilder().setKey(key).setSecret(secret).build();
        response.onNext(
                changes.make(
                        request,
                        answer,
                        connection -> {
                            GatewayRepository.addKey(
                                    connection,
                                    request.getGatewayId(),
                                    organization(request.getOrganizationId()),
                                    key,
                                    now);
                            return answer;
                        }));
        response.onCompleted();
    }

    @Override
    public void deleteGatewayKey(
            DeleteGatewayKeyRequest request, StreamObserver<DeleteGatewayKeyResponse> response) {
        response.onNext(
                changes.make(
                        request,
                        DeleteGatewayKeyResponse.getDefaultInstance(),
                        connection -> {
                            GatewayRepository.deleteKey(
                                    connection,
                                    request.getGatewayId(),
                                    organization(request.getOrganizationId()),
                                    request.getKeyId(),
                                    ProtoTimestamps.now());
                            return DeleteGatewayKeyResponse.getDefaultInstance();
                        }));
        response.onCompleted();
    }

    private static GatewayRow update(
            Connection connection, UpdateGatewayRequest request, Map<Column, Object> values)
            throws SQLException {
        GatewayRow updated =
                GatewayRepository.update(
                                connection,
                                request.getGatewayId(),
                                organization(request.getOrganizationId()),
                                Etag.of(request.hasEtag(), request.getEtag()),
                                values,
                                ProtoTimestamps.now())
                        .orElseThrow(() -> GatewayRepository.notFound(request.getGatewayId()));
        LabelRules.require(updated.description().labels());
        return updated;
    }

    /** A bridge says how a gateway is, and leaves the rest to its owners. */
    private static void requireMayChange(UpdateGatewayRequest request) {
        UpdateGatewayRequest allowed =
                UpdateGatewayRequest.newBuilder()
                        .setGatewayId(request.getGatewayId())
                        .setOrganizationId(request.getOrganizationId())
                        .setStatus(request.getStatus())
                        .setStatusReason(request.getStatusReason())
                        .setValidateOnly(request.getValidateOnly())
                        .build();
        if (Caller.current().role() == Role.ROLE_INTAKE
                && !(request.toBuilder().clearUpdateMask().build().equals(allowed)
                        && OF_BRIDGES.containsAll(request.getUpdateMask().getPathsList()))) {
            throw RequestException.permissionDenied(
                    "ROLE_INTAKE may change the status and status_reason of a gateway, and nothing"
                            + " else");
        }
    }

    /** The type that the config is for; without one, what was asked for. */
    private static GatewayType type(GatewayType given, Optional<EMQXGatewayConfig> emqx) {
        return emqx.isPresent() ? GatewayType.GATEWAY_TYPE_EMQX : given;
    }

    private static long perHour(Enrolment enrolment) {
        if (enrolment.getDefinitionId().isEmpty()) {
            return 0;
        }
        return enrolment.getDevicesPerHour() == 0
                ? ENROLMENTS_PER_HOUR
                : enrolment.getDevicesPerHour();
    }

    private static String organization(String requested) {
        return Caller.current().organizationOf(requested);
    }
}
