package io.ponix.jobs.envelope.devices;

import static java.util.Objects.requireNonNull;

import io.ponix.jobs.serialization.SerializedType;
import io.ponix.registry.EndDeviceRow;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * A change of a device, a definition or an organization, as Postgres committed it or as hydration
 * read it, or that such changes may be missing: the element of the broadcast stream.
 */
public sealed interface DeviceChange {

    /** How Flink carries it. */
    TypeInformation<DeviceChange> TYPE =
            new SerializedType<>(DeviceChange.class, DeviceChangeSerializer.INSTANCE);

    /**
     * A device's row was inserted or updated.
     *
     * @param row the new one
     * @param version the new row's monotonic version
     * @param deleted whether it is marked as deleted (a soft delete)
     */
    record DeviceUpserted(EndDeviceRow row, long version, boolean deleted) implements DeviceChange {

        /** Checks that the row is given. */
        public DeviceUpserted {
            requireNonNull(row, "row");
        }

        @Override
        public <E extends Exception> void tell(Listener<E> listener) throws E {
            listener.on(this);
        }
    }

    /**
     * A definition's row was inserted or updated.
     *
     * @param name what people call it
     * @param contracts as a {@link io.ponix.transforms.ContractDocument}
     * @param fileDescriptorSet the messages that the contracts name, in base64; empty if there are
     *     none
     * @param version the new row's monotonic version
     */
    record DefinitionUpserted(
            String id, String name, String contracts, String fileDescriptorSet, long version)
            implements DeviceChange {

        /** Checks that nothing is {@code null}. */
        public DefinitionUpserted {
            requireNonNull(id, "id");
            requireNonNull(name, "name");
            requireNonNull(contracts, "contracts");
            requireNonNull(fileDescriptorSet, "fileDescriptorSet");
        }

        @Override
        public <E extends Exception> void tell(Listener<E> listener) throws E {
            listener.on(this);
        }
    }

    /**
     * An organization's row was inserted or updated.
     *
     * @param version the new row's monotonic version
     * @param deleted whether it is marked as deleted (a soft delete)
     */
    record OrganizationUpserted(String id, long version, boolean deleted) implements DeviceChange {

        /** Checks that the id is given. */
        public OrganizationUpserted {
            requireNonNull(id, "id");
        }

        @Override
        public <E extends Exception> void tell(Listener<E> listener) throws E {
            listener.on(this);
        }
    }

    /**
     * A row was removed.
     *
     * @param table it was in
     * @param version of the row that was removed
     */
    record Removed(RegistryTable table, String id, long version) implements DeviceChange {

        /** Checks that nothing is {@code null}. */
        public Removed {
            requireNonNull(table, "table");
            requireNonNull(id, "id");
        }

        @Override
        public <E extends Exception> void tell(Listener<E> listener) throws E {
            listener.on(this);
        }
    }

    /**
     * All rows of a table were removed.
     *
     * @param table they were in
     */
    record Truncated(RegistryTable table) implements DeviceChange {

        /** Checks that the table is given. */
        public Truncated {
            requireNonNull(table, "table");
        }

        @Override
        public <E extends Exception> void tell(Listener<E> listener) throws E {
            listener.on(this);
        }
    }

    /**
     * All changes are published, by a publication of this state. Rows that were read while it had
     * another may lack changes, and are to be read again.
     *
     * @param publication its state
     */
    record Published(String publication) implements DeviceChange {

        /** Checks that the state is given. */
        public Published {
            requireNonNull(publication, "publication");
        }

        @Override
        public <E extends Exception> void tell(Listener<E> listener) throws E {
            listener.on(this);
        }
    }

    /** Tells the listener what it is. */
    <E extends Exception> void tell(Listener<E> listener) throws E;

    /**
     * Deals with every change there is, by what it is.
     *
     * @param <E> what that may fail with
     */
    interface Listener<E extends Exception> {

        void on(DeviceUpserted change) throws E;

        void on(DefinitionUpserted change) throws E;

        void on(OrganizationUpserted change) throws E;

        void on(Removed change) throws E;

        void on(Truncated change) throws E;

        void on(Published change) throws E;
    }
}
