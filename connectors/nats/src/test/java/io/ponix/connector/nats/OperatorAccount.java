package io.ponix.connector.nats;

import io.nats.client.NKey;
import io.nats.client.support.JwtUtils;
import java.nio.file.Files;
import java.nio.file.Path;

/** An operator with an account that may use JetStream, and credentials of its users. */
final class OperatorAccount {

    private static final String ACCOUNT_CLAIMS =
            "{\"limits\":{\"subs\":-1,\"conn\":-1,\"leaf\":-1,\"imports\":-1,\"exports\":-1,\"data\":-1,"
                    + "\"payload\":-1,\"wildcards\":true,\"mem_storage\":-1,\"disk_storage\":-1,"
                    + "\"streams\":-1,\"consumer\":-1},\"type\":\"account\",\"version\":2}";
    private static final String SYSTEM_CLAIMS =
            "{\"limits\":{\"subs\":-1,\"conn\":-1,\"leaf\":-1,\"imports\":-1,\"exports\":-1,\"data\":-1,"
                    + "\"payload\":-1,\"wildcards\":true},\"type\":\"account\",\"version\":2}";
    private static final String OPERATOR_CLAIMS = "{\"type\":\"operator\",\"version\":2}";

    private final NKey operator;
    private final NKey account;
    private final NKey system;

    OperatorAccount() throws Exception {
        operator = NKey.createOperator(null);
        account = NKey.createAccount(null);
        system = NKey.createAccount(null);
    }

    /** What a server must be told to let the account's users in, and nobody else. */
    String serverConfiguration() throws Exception {
        return """
                operator: "%s"
                system_account: "%s"
                resolver: MEMORY
                resolver_preload: { %s: "%s", %s: "%s" }
                """
                .formatted(
                        issue(operator, "operator", OPERATOR_CLAIMS),
                        publicKey(system),
                        publicKey(account),
                        issue(account, "account", ACCOUNT_CLAIMS),
                        publicKey(system),
                        issue(system, "system", SYSTEM_CLAIMS));
    }

    /** Writes the credentials of a new user into a file. */
    Path credentialsFile(Path file) throws Exception {
        NKey user = NKey.createUser(null);
        String jwt = JwtUtils.issueUserJWT(account, publicKey(account), publicKey(user));
        return Files.writeString(
                file,
                String.format(JwtUtils.NATS_USER_JWT_FORMAT, jwt, new String(user.getSeed())));
    }

    private String issue(NKey subject, String name, String claims) throws Exception {
        return JwtUtils.issueJWT(
                operator,
                publicKey(subject),
                name,
                null,
                JwtUtils.currentTimeSeconds(),
                publicKey(operator),
                () -> claims);
    }

    private static String publicKey(NKey key) throws Exception {
        return new String(key.getPublicKey());
    }
}
