package io.ponix.deviceservice.charging.session;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Timestamp;
import io.ponix.deviceservice.charging.store.EnumText;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.proto.charging.v1.AuthMethod;
import io.ponix.proto.charging.v1.ExportCdrRequest;
import io.ponix.proto.charging.v1.Location;
import io.ponix.proto.charging.v1.Session;
import io.ponix.proto.charging.v1.Token;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A session as an object CDR of OCPI 2.2.1 (mod_cdrs): the fields that it has to have, and of the
 * others those that are known.
 */
final class Cdr {

    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN).build();

    private static final EnumText<AuthMethod> AUTH_METHODS =
            new EnumText<>(AuthMethod.class, "AUTH_METHOD_");

    /** What OCPI has for a text that has to be there and cannot be. */
    private static final String NOT_AVAILABLE = "#NA";

    private static final String OTHER = "OTHER";
    private static final Set<String> TOKEN_TYPES = Set.of("AD_HOC_USER", "APP_USER", OTHER, "RFID");

    private Cdr() {}

    /**
     * Writes a session.
     *
     * @param token by which the session was begun, if it is known
     * @param location where it was
     * @throws RequestException FAILED_PRECONDITION when it is not clear at which connector that
     *     was, or a text is not one that OCPI takes; and as {@link CdrId#ofCredit}
     */
    static String json(
            ExportCdrRequest request,
            Session session,
            MeteredEnergy energy,
            List<MeteredEnergy.Period> periods,
            Optional<Token> token,
            Location location) {
        String organization = request.getOrganizationId();
        String creditOf = request.getCreditReferenceId();
        ObjectNode cdr = JSON.createObjectNode();
        cdr.put("country_code", request.getCountryCode());
        cdr.put("party_id", request.getPartyId());
        cdr.put(
                "id",
                creditOf.isEmpty()
                        ? CdrId.of(organization, session)
                        : CdrId.ofCredit(organization, session, creditOf));
        cdr.put("start_date_time", time(energy.start()));
        cdr.put("end_date_time", time(energy.end()));
        put(cdr, "session_id", session.getSessionId(), 36);
        addToken(cdr.putObject("cdr_token"), request, session, token);
        cdr.put(
                "auth_method",
                AUTH_METHODS.of(
                        request.getAuthMethod() == AuthMethod.AUTH_METHOD_UNSPECIFIED
                                ? AuthMethod.AUTH_METHOD_WHITELIST
                                : request.getAuthMethod()));
        addLocation(cdr.putObject("cdr_location"), CdrPlace.of(request, session, location));
        cdr.put("currency", request.getCurrency());
        ArrayNode list = cdr.putArray("charging_periods");
        for (MeteredEnergy.Period period : periods) {
            ObjectNode object = list.addObject();
            object.put("start_date_time", time(period.start()));
            object.putArray("dimensions")
                    .addObject()
                    .put("type", "ENERGY")
                    .put("volume", number(period.kilowattHours()));
        }
        // There are no tariffs. Of a credit CDR it is the negative amount, and nothing else is.
        cdr.putObject("total_cost").put("excl_vat", BigDecimal.ZERO);
        cdr.put("total_energy", number(energy.kilowattHours()));
        cdr.put("total_time", number(energy.hours()));
        if (!session.getReason().isEmpty()) {
            cdr.put("remark", session.getReason());
        }
        if (!creditOf.isEmpty()) {
            cdr.put("credit", true);
            cdr.put("credit_reference_id", creditOf);
        }
        cdr.put("last_updated", time(session.getUpdatedAt()));
        try {
            return JSON.writeValueAsString(cdr);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts and numbers can be written", e);
        }
    }

    private static void addToken(
            ObjectNode object, ExportCdrRequest request, Session session, Optional<Token> known) {
        Token token = known.orElse(Token.getDefaultInstance());
        // Who is not known as somebody else's is the operator's own.
        put(object, "country_code", orElse(token.getCountryCode(), request.getCountryCode()), 2);
        put(object, "party_id", orElse(token.getPartyId(), request.getPartyId()), 3);
        put(object, "uid", orElse(session.getToken(), NOT_AVAILABLE), 36);
        object.put("type", TOKEN_TYPES.contains(token.getType()) ? token.getType() : OTHER);
        put(object, "contract_id", orElse(token.getContractId(), NOT_AVAILABLE), 36);
    }

    private static void addLocation(ObjectNode object, CdrPlace place) {
        Location location = place.location();
        put(object, "id", location.getId(), 36);
        putUnlessEmpty(object, "name", location.getName(), 255);
        put(object, "address", location.getAddress(), 45);
        put(object, "city", location.getCity(), 45);
        putUnlessEmpty(object, "postal_code", location.getPostalCode(), 10);
        put(object, "country", location.getCountry(), 3);
        ObjectNode coordinates = object.putObject("coordinates");
        put(coordinates, "latitude", location.getCoordinates().getLatitude(), 10);
        put(coordinates, "longitude", location.getCoordinates().getLongitude(), 11);
        put(object, "evse_uid", place.evse().getUid(), 36);
        put(object, "evse_id", orElse(place.evse().getEvseId(), NOT_AVAILABLE), 48);
        put(object, "connector_id", place.connector().getId(), 36);
        put(object, "connector_standard", place.connector().getStandard(), 255);
        put(object, "connector_format", place.connector().getFormat(), 255);
        put(object, "connector_power_type", place.connector().getPowerType(), 255);
    }

    private static String orElse(String text, String otherwise) {
        return text.isEmpty() ? otherwise : text;
    }

    private static void putUnlessEmpty(ObjectNode object, String field, String text, int most) {
        if (!text.isEmpty()) {
            put(object, field, text, most);
        }
    }

    /** Texts are as they are, or none: one that is cut off may be another one's. */
    private static void put(ObjectNode object, String field, String text, int most) {
        int length = text.codePointCount(0, text.length());
        if (length == 0 || length > most) {
            throw RequestException.failedPrecondition(
                            "A CDR has to have 1 to "
                                    + most
                                    + " characters in "
                                    + field
                                    + ", and this one would have "
                                    + length)
                    .because(
                            "CDR_FIELD_UNUSABLE",
                            Map.of("field", field, "length", Integer.toString(length)));
        }
        object.put(field, text);
    }

    private static BigDecimal number(BigDecimal value) {
        return value.signum() == 0 ? BigDecimal.ZERO : value.stripTrailingZeros();
    }

    private static String time(Timestamp time) {
        return time(Instant.ofEpochSecond(time.getSeconds(), time.getNanos()));
    }

    /** OCPI has 25 characters for it: no room for microseconds. */
    private static String time(Instant time) {
        return time.truncatedTo(ChronoUnit.MILLIS).toString();
    }
}
