package io.ponix.deviceservice.host;

import com.google.common.net.InetAddresses;
import io.ponix.deviceservice.request.LabelRules;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.registry.HostRow;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What is said of a host, in the form in which it is kept.
 *
 * @param ipAddress as RFC 5952 writes it; an address of IPv4 within one of IPv6 is that of IPv4
 * @param hostname in lower case
 * @param aliases in lower case
 */
record HostEntry(
        String ipAddress,
        String hostname,
        List<String> aliases,
        String comment,
        List<String> tags,
        String gatewayId,
        String deviceId,
        SortedMap<String, String> labels) {

    private static final int LONGEST_NAME = 253;
    private static final int MOST_ALIASES = 50;
    private static final int MOST_TAGS = 50;
    private static final int LONGEST_TAG = 64;
    private static final int LONGEST_COMMENT = 10_000;
    private static final int MOST_SHOWN = 100;

    /** RFC 1123, section 2.1. */
    private static final Pattern NAME =
            Pattern.compile(
                    "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*");

    /** Those of a comma and so on have their meaning in the texts of hosts. */
    private static final Pattern NOT_IN_TAGS = Pattern.compile("[\\p{Cc},;\\[\\]]");

    /**
     * Makes an entry of what was written.
     *
     * @throws RequestException INVALID_ARGUMENT when it is none
     */
    static HostEntry of(
            String ipAddress,
            String hostname,
            List<String> aliases,
            String comment,
            List<String> tags,
            String gatewayId,
            String deviceId,
            Map<String, String> labels) {
        require(
                aliases.size() <= MOST_ALIASES && tags.size() <= MOST_TAGS,
                aliases.size() > MOST_ALIASES ? "aliases" : "tags",
                "A host has at most " + MOST_ALIASES + " aliases and " + MOST_TAGS + " tags");
        require(
                comment.codePointCount(0, comment.length()) <= LONGEST_COMMENT,
                "comment",
                "Comment has at most " + LONGEST_COMMENT + " characters");
        require(
                gatewayId.isEmpty() || deviceId.isEmpty(),
                "device_id",
                "A host is a gateway or a device, not both");
        for (String tag : tags) {
            require(
                    !tag.isEmpty()
                            && tag.codePointCount(0, tag.length()) <= LONGEST_TAG
                            && tag.equals(tag.strip())
                            && !NOT_IN_TAGS.matcher(tag).find(),
                    "tags",
                    "Tags have 1 to "
                            + LONGEST_TAG
                            + " characters, none of them a control character or one of , ; [ and ],"
                            + " and no blank at either end");
        }
        LabelRules.require(labels);
        return new HostEntry(
                address(ipAddress),
                name(hostname, "hostname", "Hostname"),
                aliases.stream().map(alias -> name(alias, "aliases", "Alias")).distinct().toList(),
                comment,
                tags.stream().distinct().toList(),
                gatewayId,
                deviceId,
                new TreeMap<>(labels));
    }

    /** The address in its normal form. */
    static String address(String text) {
        require(
                text.indexOf('%') < 0 && InetAddresses.isInetAddress(text),
                "ip_address",
                "IP address must be one of IPv4 or IPv6, such as 10.0.0.1 or 2001:db8::1, not '"
                        + shown(text)
                        + "'");
        InetAddress address = InetAddresses.forString(text);
        byte[] bytes = address.getAddress();
        // Postgres writes these so.
        return address instanceof Inet6Address ofVersion6
                        && ofVersion6.isIPv4CompatibleAddress()
                        && (bytes[12] | bytes[13]) != 0
                ? "::" + InetAddresses.toAddrString(InetAddresses.getCompatIPv4Address(ofVersion6))
                : InetAddresses.toAddrString(address);
    }

    /** As much of what somebody wrote as goes into a line. */
    private static String shown(String text) {
        return text.length() <= MOST_SHOWN ? text : text.substring(0, MOST_SHOWN) + "…";
    }

    private static String name(String text, String field, String what) {
        String lower = text.toLowerCase(Locale.ROOT);
        require(
                lower.length() <= LONGEST_NAME && NAME.matcher(lower).matches(),
                field,
                what
                        + " must be labels of letters, digits and '-', with dots between, of at most "
                        + LONGEST_NAME
                        + " characters, not '"
                        + shown(text)
                        + "'");
        return lower;
    }

    private static void require(boolean holds, String field, String message) {
        if (!holds) {
            throw RequestException.invalidArgument(field, message);
        }
    }

    /**
     * The same, but what nothing was told of is as a row of this address and name has it.
     *
     * @throws RequestException INVALID_ARGUMENT when that is no entry: it may be a gateway by the
     *     one, and a device by the other
     */
    HostEntry completedBy(HostRow row, Set<HostField> told) {
        return HostEntry.of(
                ipAddress,
                hostname,
                told.contains(HostField.ALIASES) ? aliases : row.aliases(),
                told.contains(HostField.COMMENT) ? comment : row.comment(),
                told.contains(HostField.TAGS) ? tags : row.tags(),
                told.contains(HostField.GATEWAY_ID) ? gatewayId : row.gatewayId(),
                told.contains(HostField.DEVICE_ID) ? deviceId : row.deviceId(),
                told.contains(HostField.LABELS) ? labels : row.labels());
    }

    static HostEntry of(HostRow row) {
        return new HostEntry(
                row.ipAddress(),
                row.hostname(),
                row.aliases(),
                row.comment(),
                row.tags(),
                row.gatewayId(),
                row.deviceId(),
                row.labels());
    }
}
