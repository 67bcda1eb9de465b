package io.ponix.cli.command;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import io.ponix.cli.access.AccessKeys;
import io.ponix.cli.terminal.MessageText;
import io.ponix.cli.terminal.TextTable;
import io.ponix.proto.access.v1.Key;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ponix key list}: lists keys, without their secrets. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "List keys, newest first: also those that have expired or were revoked.")
final class KeyListCommand implements Runnable {

    @Mixin private DeviceServiceOption service;

    @Option(
            names = "--organization",
            paramLabel = "ID",
            description = "Only those of an organization. Default: all that the caller sees.")
    private String organization = "";

    @Override
    public void run() {
        List<Key> keys;
        try (AccessKeys access = service.open()) {
            keys = access.list(organization);
        }
        TextTable table =
                new TextTable(
                        "KEY",
                        "NAME",
                        "ROLE",
                        "ORGANIZATION",
                        "CREATED AT",
                        "LAST USED AT",
                        "STATE");
        keys.forEach(
                key ->
                        table.row(
                                key.getKeyId(),
                                MessageText.cell(key.getName()),
                                KeyRole.text(key.getRole()),
                                key.getOrganizationId().isEmpty()
                                        ? "(all)"
                                        : MessageText.cell(key.getOrganizationId()),
                                MessageText.time(key.getCreatedAt()),
                                key.hasLastUsedAt() ? MessageText.time(key.getLastUsedAt()) : "-",
                                state(key)));
        table.print(System.out, "");
    }

    private static String state(Key key) {
        if (key.hasRevokedAt()) {
            return "revoked " + MessageText.time(key.getRevokedAt());
        }
        if (!key.hasExpiresAt()) {
            return "valid";
        }
        Timestamp now = Timestamps.fromMillis(Instant.now().toEpochMilli());
        return (Timestamps.compare(key.getExpiresAt(), now) <= 0 ? "expired " : "valid until ")
                + MessageText.time(key.getExpiresAt());
    }
}
