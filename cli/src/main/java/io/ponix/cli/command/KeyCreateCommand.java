package io.ponix.cli.command;

import com.google.protobuf.util.Timestamps;
import io.ponix.cli.access.AccessKeys;
import io.ponix.cli.access.FirstKey;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.stack.StackServer;
import io.ponix.proto.access.v1.CreateKeyRequest;
import io.ponix.proto.access.v1.CreateKeyResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ponix key create}: makes a key and prints it, this once. */
@Command(
        name = "create",
        mixinStandardHelpOptions = true,
        description = {
            "Make a key and print it: this once.",
            "Standard output has the key and nothing else, so that it can be sent to a file."
        })
final class KeyCreateCommand implements Callable<Integer> {

    private static final int SECONDS_OF_DAY = 86_400;

    @Mixin private DeviceServiceOption service;

    @Option(
            names = "--first",
            description =
                    "Make the operator's key where there is no key yet. It asks the database (the stack's, or the one that"
                            + " PONIX_POSTGRES_HOST or _URL names) and not the service: nobody can do it by the network.")
    private boolean first;

    @Option(
            names = "--name",
            required = true,
            paramLabel = "NAME",
            description = "What people call it, 1 to 256 characters.")
    private String name;

    @Option(
            names = "--role",
            paramLabel = "ROLE",
            description =
                    "What its holder may do: operator (everything, in all organizations), admin, editor, viewer (of one"
                            + " organization) or intake (a bridge, of one organization or of all).")
    private KeyRole role;

    @Option(
            names = "--organization",
            paramLabel = "ID",
            description = "Whose it is. Default: the caller's; of one of all organizations, all.")
    private String organization = "";

    @Option(
            names = "--days",
            paramLabel = "N",
            description = "How many days it is valid. Default: until it is revoked.")
    private Integer days;

    @Override
    public Integer call() {
        if (first) {
            if (role != null || !organization.isEmpty() || days != null) {
                throw CommandException.calledWrongly(
                        "--first makes an operator's key, of all organizations and until it is revoked:"
                                + " leave --role, --organization and --days out");
            }
            return FirstKey.create(name, service.home().addresses(StackServer.POSTGRES).postgres());
        }
        if (role == null) {
            throw CommandException.calledWrongly(
                    "--role is missing: operator, admin, editor, viewer or intake");
        }
        CreateKeyRequest.Builder request =
                CreateKeyRequest.newBuilder()
                        .setName(name)
                        .setRole(role.role())
                        .setOrganizationId(organization);
        if (days != null) {
            if (days < 1) {
                throw CommandException.calledWrongly("--days must be 1 or more, not " + days);
            }
            request.setExpiresAt(
                    Timestamps.fromMillis(
                            Instant.now()
                                    .plus(Duration.ofSeconds((long) days * SECONDS_OF_DAY))
                                    .toEpochMilli()));
        }
        CreateKeyResponse created;
        try (AccessKeys keys = service.open()) {
            created = keys.create(request.build());
        }
        System.err.println(
                "Made the key "
                        + created.getKey().getKeyId()
                        + " ("
                        + KeyRole.text(created.getKey().getRole())
                        + (created.getKey().getOrganizationId().isEmpty()
                                ? ", all organizations"
                                : ", organization " + created.getKey().getOrganizationId())
                        + "). It is shown this once:");
        System.out.println(created.getSecret());
        return 0;
    }
}
