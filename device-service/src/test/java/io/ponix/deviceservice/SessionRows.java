package io.ponix.deviceservice;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** Rows of sessions as the job of sessions writes them. */
final class SessionRows {

    private final ServiceUnderTest service;

    SessionRows(ServiceUnderTest service) {
        this.service = service;
    }

    /**
     * Adds an ended session of 2,500.5 Wh.
     *
     * @param set what differs from that, in SQL; or empty
     */
    void add(String organization, String station, String session, String set) {
        try (Connection connection = service.connect();
                PreparedStatement insert =
                        connection.prepareStatement(
                                "INSERT INTO sessions (organization_id, station_id, session_id,"
                                        + " version, state, started_at, ended_at, token, reason,"
                                        + " connector, first_register_wh, last_register_wh,"
                                        + " energy_wh, is_complete, events, value_count,"
                                        + " received_at, updated_at) VALUES (?, ?, ?, 7, 'ended',"
                                        + " '2026-12-01T10:00:00Z', '2026-12-01T10:30:00.5Z',"
                                        + " '04A2B3C4', 'Local', '1', 1000, 3500.5, 2500.500,"
                                        + " true, 3, 4, '2026-12-01T10:30:02Z',"
                                        + " '2026-12-01T10:30:03Z')")) {
            insert.setString(1, organization);
            insert.setString(2, station);
            insert.setString(3, session);
            insert.executeUpdate();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
        if (!set.isEmpty()) {
            change(organization, station, session, set);
        }
    }

    /** Changes a session by SQL. */
    void change(String organization, String station, String session, String set) {
        try (Connection connection = service.connect();
                PreparedStatement update =
                        connection.prepareStatement(
                                "UPDATE sessions SET "
                                        + set
                                        + " WHERE organization_id = ? AND station_id = ?"
                                        + " AND session_id = ?")) {
            update.setString(1, organization);
            update.setString(2, station);
            update.setString(3, session);
            update.executeUpdate();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** Adds a register that was read at a minute after 10 o'clock. */
    void addRegister(
            String organization,
            String station,
            String session,
            int minute,
            int arrival,
            String value,
            String unit) {
        try (Connection connection = service.connect();
                PreparedStatement insert =
                        connection.prepareStatement(
                                "INSERT INTO session_meter_values VALUES (?, ?, ?,"
                                        + " gen_random_uuid(), '2026-12-01T10:00:00Z'::timestamptz"
                                        + " + ? * interval '1 minute',"
                                        + " 'Energy.Active.Import.Register', 'Sample.Periodic',"
                                        + " 'Outlet', '', ?::numeric, ?, 0, '1', ?,"
                                        + " '2026-12-01T10:30:02Z')")) {
            insert.setString(1, organization);
            insert.setString(2, station);
            insert.setString(3, session);
            insert.setInt(4, minute);
            insert.setString(5, value);
            insert.setString(6, unit);
            insert.setLong(7, arrival);
            insert.executeUpdate();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
