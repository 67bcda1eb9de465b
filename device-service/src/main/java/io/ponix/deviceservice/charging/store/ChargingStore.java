package io.ponix.deviceservice.charging.store;

import com.google.protobuf.Message;
import io.ponix.deviceservice.change.RegistryChanges;
import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.organization.ActiveOrganization;

/**
 * What a charging system keeps in the database (migrations/postgres, {@code charging_store}). It
 * changes with every message of a station: there is no history of it.
 */
public final class ChargingStore {

    private final Database database;
    private final RegistryChanges changes;

    /** The store in a database. */
    public ChargingStore(Database database) {
        this.database = database;
        this.changes = new RegistryChanges(database);
    }

    /**
     * Does what stores something of an organization, in a transaction.
     *
     * @param stored what that is, for the message
     * @throws io.ponix.deviceservice.request.RequestException NOT_FOUND when there is no such
     *     organization, FAILED_PRECONDITION when it is deleted
     */
    public <T> T set(String organizationId, String stored, Database.Work<T> work) {
        return database.transaction(
                connection -> {
                    ActiveOrganization.requireNow(connection, organizationId, stored);
                    return work.with(connection);
                });
    }

    /**
     * The same, once for a request that names itself.
     *
     * @param requestId its name, or empty
     * @param request has that in the field {@code request_id}
     * @param answer any message of the type of the answer
     * @throws io.ponix.deviceservice.request.RequestException as {@link #set}, and INVALID_ARGUMENT
     *     when another request had the name
     */
    public <A extends Message> A setOnce(
            String requestId,
            Message request,
            A answer,
            String organizationId,
            String stored,
            Database.Work<A> work) {
        if (requestId.isEmpty()) {
            return set(organizationId, stored, work);
        }
        return changes.make(
                request,
                answer,
                connection -> {
                    ActiveOrganization.requireNow(connection, organizationId, stored);
                    return work.with(connection);
                });
    }

    /** Does what deletes something, which need not be there, in a transaction. */
    public <T> T delete(Database.Work<T> work) {
        return database.transaction(work);
    }

    /** Reads by one statement. */
    public <T> T read(Database.Work<T> work) {
        return database.call(work);
    }

    /** Reads rows one after another, of which only few are in memory. */
    public <T> T readPage(Database.Work<T> work) {
        return database.transaction(work);
    }
}
