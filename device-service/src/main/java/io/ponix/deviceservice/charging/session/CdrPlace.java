package io.ponix.deviceservice.charging.session;

import io.ponix.deviceservice.request.RequestException;
import io.ponix.proto.charging.v1.Connector;
import io.ponix.proto.charging.v1.Evse;
import io.ponix.proto.charging.v1.ExportCdrRequest;
import io.ponix.proto.charging.v1.Location;
import io.ponix.proto.charging.v1.Session;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The EVSE and connector of a location at which a session was. */
record CdrPlace(Location location, Evse evse, Connector connector) {

    /**
     * Finds them: as the request says, or else as the session does, or else the only ones.
     *
     * @throws RequestException FAILED_PRECONDITION when they are not there, or there are several
     */
    static CdrPlace of(ExportCdrRequest request, Session session, Location location) {
        Evse evse =
                one(
                                location.getEvses().getEvsesList(),
                                Evse::getUid,
                                request.getEvseUid(),
                                session.getStationId())
                        .orElseThrow(() -> evseUnknown(location));
        Connector connector =
                one(
                                evse.getConnectorsList(),
                                Connector::getId,
                                request.getConnectorId(),
                                session.getConnector())
                        .orElseThrow(() -> connectorUnknown(location, evse));
        return new CdrPlace(location, evse, connector);
    }

    /**
     * Finds one.
     *
     * @param asked which, or empty
     * @param likely which it is where nothing is asked for
     */
    private static <T> Optional<T> one(
            List<T> all, Function<T, String> id, String asked, String likely) {
        String wanted = asked.isEmpty() ? likely : asked;
        Optional<T> found = all.stream().filter(each -> id.apply(each).equals(wanted)).findFirst();
        return found.isEmpty() && asked.isEmpty() && all.size() == 1
                ? Optional.of(all.get(0))
                : found;
    }

    private static RequestException evseUnknown(Location location) {
        return RequestException.failedPrecondition(
                        "It is not clear at which EVSE of the location "
                                + location.getId()
                                + " it was: set evse_uid to one that it has")
                .because("EVSE_UNKNOWN", Map.of("location_id", location.getId()));
    }

    private static RequestException connectorUnknown(Location location, Evse evse) {
        return RequestException.failedPrecondition(
                        "It is not clear at which connector of the EVSE "
                                + evse.getUid()
                                + " it was: set connector_id to one that it has")
                .because(
                        "CONNECTOR_UNKNOWN",
                        Map.of("location_id", location.getId(), "evse_uid", evse.getUid()));
    }
}
