package io.ponix.deviceservice.charging.session;

import io.ponix.deviceservice.request.RequestException;
import io.ponix.proto.charging.v1.Session;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/**
 * The id of a CDR: a digest of organization, station and session, and the version. OCPI has at most
 * 36 characters for it, 39 for that of a credit CDR, and does not tell capitals from small letters.
 */
final class CdrId {

    private static final int DIGEST_BYTES = 11;
    private static final int RADIX = 36;
    private static final String OF_CREDIT = "-C";

    private CdrId() {}

    static String of(String organizationId, Session session) {
        return digest(organizationId, session) + Long.toString(session.getVersion(), RADIX);
    }

    /**
     * The id of the CDR that takes another back.
     *
     * @param creditReferenceId the id of that one
     * @throws RequestException INVALID_ARGUMENT when it is of no version of the session,
     *     FAILED_PRECONDITION when it is of another version
     */
    static String ofCredit(String organizationId, Session session, String creditReferenceId) {
        if (!creditReferenceId.startsWith(digest(organizationId, session))) {
            throw RequestException.invalidArgument(
                    "credit_reference_id",
                    "Credit reference ID is not the id of a CDR of this session");
        }
        if (!creditReferenceId.equals(of(organizationId, session))) {
            throw RequestException.failedPrecondition(
                            "The session "
                                    + session.getSessionId()
                                    + " has changed since: make the credit CDR of the CDR that was"
                                    + " sent, with another id, credit, credit_reference_id and the"
                                    + " negative amounts of total_cost")
                    .because(
                            "CDR_SUPERSEDED",
                            Map.of(
                                    "credit_reference_id",
                                    creditReferenceId,
                                    "version",
                                    Long.toString(session.getVersion())));
        }
        return creditReferenceId + OF_CREDIT;
    }

    private static String digest(String organizationId, Session session) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
        for (String part :
                new String[] {organizationId, session.getStationId(), session.getSessionId()}) {
            byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
            // With its length, so that no two keys are one text.
            digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
            digest.update(bytes);
        }
        return HexFormat.of().formatHex(digest.digest(), 0, DIGEST_BYTES) + "-";
    }
}
