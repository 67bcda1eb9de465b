package io.ponix.deviceservice.charging.certificate;

import io.ponix.deviceservice.request.RequestException;
import java.io.ByteArrayInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The first certificate of a text of PEM (RFC 7468). */
final class PemCertificate {

    private static final String FIELD = "pem";
    private static final String CERTIFICATE = "CERTIFICATE";
    private static final int LONGEST_TYPE = 64;

    /** Each that is none costs a look at the rest of the text. */
    private static final int MOST_BEGINNINGS = 100;

    private static final Pattern BEGIN =
            Pattern.compile(
                    "^-----BEGIN ([^\r\n]*?)-----[ \t]*\r?$",
                    Pattern.MULTILINE | Pattern.UNIX_LINES);

    private static final Pattern HEADER = Pattern.compile("^[^\r\n:]+:[^\r\n]*(\r?\n|$)");

    private PemCertificate() {}

    /**
     * Returns the hash under which a text is found.
     *
     * @throws RequestException INVALID_ARGUMENT when its first block is no certificate
     */
    static String hash(String pem) {
        try {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(MessageDigest.getInstance("SHA-256").digest(der(pem)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static byte[] der(String pem) {
        Matcher begin = BEGIN.matcher(pem);
        for (int i = 0; i < MOST_BEGINNINGS && begin.find(); i++) {
            String type = begin.group(1);
            int end = pem.indexOf("\n-----END " + type + "-----", begin.end());
            if (end < 0) {
                continue;
            }
            byte[] content;
            try {
                content = content(pem.substring(Math.min(begin.end() + 1, end), end));
            } catch (IllegalArgumentException e) {
                // Not base 64: no block, as it would be none for others who read PEM.
                continue;
            }
            if (!type.equals(CERTIFICATE)) {
                throw refused(
                        "pem block does not contain certificate, but "
                                + (type.length() <= LONGEST_TYPE
                                        ? type
                                        : type.substring(0, LONGEST_TYPE) + " …"));
            }
            requireCertificate(content);
            return content;
        }
        throw refused(
                "pem block not found: a certificate begins with -----BEGIN CERTIFICATE----- and ends with"
                        + " -----END CERTIFICATE-----, each in a line of its own");
    }

    private static byte[] content(String text) {
        String encoded = text;
        Matcher header = HEADER.matcher(encoded);
        while (header.find()) {
            encoded = encoded.substring(header.end());
            header = HEADER.matcher(encoded);
        }
        return Base64.getDecoder().decode(encoded.replaceAll("[ \t\r\n]", ""));
    }

    private static void requireCertificate(byte[] der) {
        try {
            Certificate certificate =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(der));
            // It reads what it finds, and leaves what comes after.
            if (!Arrays.equals(certificate.getEncoded(), der)) {
                throw refused("the pem block contains more than one certificate");
            }
        } catch (CertificateException e) {
            throw refused("the pem block contains no certificate: " + e.getMessage());
        }
    }

    private static RequestException refused(String message) {
        return RequestException.invalidArgument(FIELD, message);
    }
}
