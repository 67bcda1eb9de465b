package io.ponix.jobs.envelope.poison;

import io.ponix.transforms.ContractDocument;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;

/**
 * Everything known that could hurt the job: each input ends where the design says, as a row with
 * exactly its data or as a dead letter with its reason, and takes no neighbour with it.
 *
 * <p>A new way to hurt it becomes an input here first.
 */
public final class PoisonCorpus {

    private PoisonCorpus() {}

    /** Tells Postgres something. */
    @FunctionalInterface
    public interface Statement {
        /** Runs a statement with its parameters. */
        void run(String sql, Object... parameters) throws SQLException;
    }

    /** All inputs. */
    public static List<PoisonInput> inputs() {
        return Stream.of(
                        WireInputs.all(),
                        IdentityInputs.all(),
                        TimeInputs.all(),
                        OutputInputs.all(),
                        BudgetInputs.all())
                .flatMap(List::stream)
                .toList();
    }

    /** Registers the organizations and devices that the inputs name. */
    public static void register(List<PoisonInput> inputs, Statement postgres) throws SQLException {
        for (String organization :
                List.of(PoisonInput.ORGANIZATION, IdentityInputs.DELETED_ORGANIZATION)) {
            postgres.run("INSERT INTO organizations (id, name) VALUES (?, ?)", organization, "");
        }
        for (PoisonInput input : inputs) {
            device(postgres, PoisonInput.ORGANIZATION, input.deviceId(), input.transform());
        }
        device(postgres, PoisonInput.ORGANIZATION, IdentityInputs.HOSTILE_DEVICE, PoisonInput.LPP);
        device(postgres, PoisonInput.ORGANIZATION, IdentityInputs.DELETED_DEVICE, PoisonInput.LPP);
        named(postgres, IdentityInputs.NAMED_DEVICE, IdentityInputs.EXTERNAL_ID);
        named(postgres, IdentityInputs.HOSTILE_NAMED_DEVICE, IdentityInputs.HOSTILE_EXTERNAL_ID);
        device(
                postgres,
                IdentityInputs.DELETED_ORGANIZATION,
                IdentityInputs.DEVICE_OF_DELETED_ORGANIZATION,
                PoisonInput.LPP);
        postgres.run(
                "INSERT INTO end_device_definitions (id, organization_id, name, contracts)"
                        + " VALUES ('strict', ?, '', ?::jsonb)",
                PoisonInput.ORGANIZATION,
                ContractDocument.write(List.of(OutputInputs.STRICT)));
        device(postgres, PoisonInput.ORGANIZATION, OutputInputs.DEVICE_OF_STRICT_DEFINITION, "");
        postgres.run(
                "UPDATE end_devices SET definition_id = 'strict' WHERE device_id = ?",
                OutputInputs.DEVICE_OF_STRICT_DEFINITION);
        postgres.run(
                "UPDATE end_devices SET deleted_at = now() WHERE device_id = ?",
                IdentityInputs.DELETED_DEVICE);
        postgres.run(
                "UPDATE organizations SET deleted_at = now() WHERE id = ?",
                IdentityInputs.DELETED_ORGANIZATION);
    }

    private static void named(Statement postgres, String deviceId, String externalId)
            throws SQLException {
        device(postgres, PoisonInput.ORGANIZATION, deviceId, PoisonInput.LPP);
        postgres.run(
                "UPDATE end_devices SET external_id = ? WHERE device_id = ?", externalId, deviceId);
    }

    private static void device(
            Statement postgres, String organization, String deviceId, String transform)
            throws SQLException {
        postgres.run(
                "INSERT INTO end_devices (device_id, organization_id, name, payload_conversion)"
                        + " VALUES (?, ?, '', ?)",
                deviceId,
                organization,
                transform);
    }
}
