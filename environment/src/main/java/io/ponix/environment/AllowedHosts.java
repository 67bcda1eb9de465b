package io.ponix.environment;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The names by which a server may be asked for over HTTP, and the web pages that may change
 * anything there.
 *
 * <p>A page of another site cannot read what a server answers, unless its own name is made to lead
 * to the server's address after it was loaded (DNS rebinding): to the browser it is that name's
 * page then, and the name is all that gives it away. Loopback's names and addresses in numbers lead
 * nowhere else; every other name is one of those that were listed.
 */
public final class AllowedHosts {

    /** The variable that lists further names, for programs of ours. */
    public static final String VARIABLE = "PONIX_ALLOWED_HOSTS";

    /** What the variable means, for the help of programs. */
    public static final String MEANING =
            "names by which it is asked for, separated by commas, beside localhost and addresses in"
                    + " numbers";

    private static final Pattern NAME = Pattern.compile("[a-z0-9_-]+(\\.[a-z0-9_-]+)*");
    private static final Pattern AUTHORITY =
            Pattern.compile(
                    "(?<host>\\[[0-9a-f:.]+]|[a-z0-9_-]+(\\.[a-z0-9_-]+)*)\\.?(:(?<port>[0-9]{1,5}))?");
    private static final Pattern ORIGIN = Pattern.compile("(?<scheme>https?)://(?<authority>.+)");
    private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");

    private final Set<String> names;

    private AllowedHosts(Set<String> names) {
        this.names = names;
    }

    /**
     * Reads a list of names, separated by commas; blank lists none.
     *
     * @param setting where the list is from, most often {@link #VARIABLE}
     * @throws IllegalArgumentException if it has something that is no name; the message names the
     *     setting
     */
    public static AllowedHosts parse(String setting, String value) {
        Set<String> names =
                Arrays.stream(value.split(","))
                        .map(name -> name.strip().toLowerCase(Locale.ROOT))
                        .filter(name -> !name.isEmpty())
                        .collect(Collectors.toUnmodifiableSet());
        for (String name : names) {
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException(
                        setting
                                + " must be names of hosts without ports, separated by commas, not '"
                                + name
                                + "'");
            }
        }
        return new AllowedHosts(names);
    }

    /**
     * Whether a request may be for this host.
     *
     * @param authority the value of {@code Host} or {@code :authority}, with or without a port;
     *     null where there is none, as of some health checks, but of no browser
     */
    public boolean includes(String authority) {
        if (authority == null) {
            return true;
        }
        Matcher parts = matcher(authority);
        if (!parts.matches()) {
            return false;
        }
        String host = parts.group("host");
        return host.startsWith("[")
                || IPV4.matcher(host).matches()
                || host.equals("localhost")
                || host.endsWith(".localhost")
                || names.contains(host);
    }

    /**
     * Whether a page may change something: one of the host that is asked, or of a host that was
     * listed.
     *
     * @param origin the value of {@code Origin}
     * @param authority as for {@link #includes}
     */
    public boolean includesPage(String origin, String authority) {
        Matcher page = ORIGIN.matcher(origin.toLowerCase(Locale.ROOT));
        if (!page.matches()) {
            return false;
        }
        Matcher from = matcher(page.group("authority"));
        Matcher asked = matcher(authority);
        if (!from.matches()) {
            return false;
        }
        return names.contains(from.group("host"))
                || asked.matches()
                        && from.group("host").equals(asked.group("host"))
                        && port(from, page.group("scheme"))
                                .equals(port(asked, page.group("scheme")));
    }

    /** The usual one is often left out. */
    private static String port(Matcher authority, String scheme) {
        String port = authority.group("port");
        return port != null ? port : scheme.equals("https") ? "443" : "80";
    }

    private static Matcher matcher(String authority) {
        return AUTHORITY.matcher(authority == null ? "" : authority.toLowerCase(Locale.ROOT));
    }

    @Override
    public String toString() {
        return names.toString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AllowedHosts that && names.equals(that.names);
    }

    @Override
    public int hashCode() {
        return names.hashCode();
    }
}
