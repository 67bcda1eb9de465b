package io.ponix.embedded.clickhouse.server.access;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The statements of a file that makes users: {@code CREATE USER}, {@code CREATE ROLE}, {@code
 * CREATE SETTINGS PROFILE}, {@code CREATE ROW POLICY}, {@code ALTER USER … IDENTIFIED BY} and
 * {@code GRANT}.
 *
 * <p>The engine parses them, but has nowhere to store what they make: what it has is made of its
 * configuration when it starts, and its sessions are all of one user. So a user or role becomes a
 * role of the engine, of which a session takes those of who logged in. The rights are handed on as
 * they are written, and are the engine's to keep. A row policy becomes a condition on the roles
 * that a session has; several let in what any of them lets in, as they do in ClickHouse.
 *
 * <p>Statements end with a semicolon at the end of a line; comments are lines of their own.
 */
public final class AccessStatements {

    private static final String NAME = "`([A-Za-z0-9_-]+)`";
    private static final String NAMES = "(`[A-Za-z0-9_-]+`(?:, `[A-Za-z0-9_-]+`)*)";
    private static final String CREATED = "(?: IF NOT EXISTS| OR REPLACE)? ";

    private static final Pattern USER =
            Pattern.compile("CREATE USER" + CREATED + NAME + " IDENTIFIED (.+)");
    private static final Pattern PASSWORD =
            Pattern.compile("ALTER USER " + NAME + " IDENTIFIED (BY .+)");
    private static final Pattern IDENTIFIED_BY = Pattern.compile("BY '([^'\\\\]*)'");
    private static final Pattern ROLE = Pattern.compile("CREATE ROLE" + CREATED + NAME);
    private static final Pattern PROFILE =
            Pattern.compile(
                    "CREATE SETTINGS PROFILE" + CREATED + NAME + " SETTINGS (.+) TO " + NAMES);
    private static final Pattern SETTING =
            Pattern.compile(
                    "(\\w+) = (\\d+|'\\w*')(?: MIN (\\d+))?(?: MAX (\\d+))?(?: (CONST))?(?:, |$)");
    private static final Pattern MEMBERSHIP = Pattern.compile("GRANT " + NAME + " TO " + NAME);
    private static final Pattern RIGHTS =
            Pattern.compile("GRANT (.+) TO " + NAME + "(?: WITH REPLACE OPTION)?");
    private static final Pattern POLICY =
            Pattern.compile(
                    "CREATE ROW POLICY"
                            + CREATED
                            + NAME
                            + " ON (\\w+)\\.(\\w+) USING (.+) TO (ALL EXCEPT )?"
                            + NAMES);

    private final Set<String> roles = new LinkedHashSet<>();

    /** Of users only: empty where nobody knows it. */
    private final Map<String, String> passwords = new LinkedHashMap<>();

    private final Map<String, List<String>> rights = new TreeMap<>();
    private final Map<String, List<String>> memberships = new TreeMap<>();

    /** Each with what it sets and how far that may be changed. */
    private final Map<String, List<Setting>> profiles = new LinkedHashMap<>();

    /** By user or role. */
    private final Map<String, List<String>> profilesOf = new TreeMap<>();

    /** By database and table, each as a condition. */
    private final Map<String, Map<String, List<String>>> policies = new TreeMap<>();

    private record Setting(String name, String value, String min, String max, boolean isConstant) {}

    private AccessStatements() {}

    /** None: nobody but the server's own user. */
    public static AccessStatements none() {
        return new AccessStatements();
    }

    /**
     * Reads a file.
     *
     * @throws IllegalArgumentException if a statement is none of those above; passwords are not
     *     repeated
     */
    public static AccessStatements parse(String file) {
        AccessStatements statements = new AccessStatements();
        String withoutComments =
                file.lines()
                        .filter(line -> !line.startsWith("--"))
                        .collect(Collectors.joining("\n"));
        for (String statement : withoutComments.split(";\\s*(?:\n|$)")) {
            if (!statement.isBlank()) {
                statements.add(statement.strip().replaceAll("\\s+", " "));
            }
        }
        return statements;
    }

    private void add(String statement) {
        Matcher matcher;
        if ((matcher = USER.matcher(statement)).matches()) {
            roles.add(matcher.group(1));
            passwords.put(matcher.group(1), password(matcher.group(2)));
        } else if ((matcher = PASSWORD.matcher(statement)).matches()) {
            passwords.put(matcher.group(1), password(matcher.group(2)));
        } else if ((matcher = ROLE.matcher(statement)).matches()) {
            roles.add(matcher.group(1));
        } else if ((matcher = PROFILE.matcher(statement)).matches()) {
            addProfile(matcher.group(1), matcher.group(2), names(matcher.group(3)));
        } else if ((matcher = MEMBERSHIP.matcher(statement)).matches()) {
            memberships
                    .computeIfAbsent(matcher.group(2), user -> new ArrayList<>())
                    .add(matcher.group(1));
        } else if ((matcher = RIGHTS.matcher(statement)).matches()) {
            rights.computeIfAbsent(matcher.group(2), user -> new ArrayList<>())
                    .add(matcher.group(1));
        } else if ((matcher = POLICY.matcher(statement)).matches()) {
            String isOfOne =
                    "hasAny(currentRoles(), ["
                            + names(matcher.group(6)).stream()
                                    .map(name -> "'" + name + "'")
                                    .collect(Collectors.joining(", "))
                            + "])";
            policies.computeIfAbsent(matcher.group(2), database -> new TreeMap<>())
                    .computeIfAbsent(matcher.group(3), table -> new ArrayList<>())
                    .add(
                            (matcher.group(5) == null ? "" : "NOT ")
                                    + isOfOne
                                    + " AND ("
                                    + matcher.group(4)
                                    + ")");
        } else {
            throw new IllegalArgumentException(
                    "The embedded ClickHouse cannot make users of the statement: "
                            + statement.replaceAll("'[^']*'", "'…'"));
        }
    }

    private static String password(String identification) {
        Matcher matcher = IDENTIFIED_BY.matcher(identification);
        return matcher.matches() ? matcher.group(1) : "";
    }

    private void addProfile(String profile, String list, List<String> holders) {
        List<Setting> settings = new ArrayList<>();
        Matcher setting = SETTING.matcher(list);
        int end = 0;
        while (setting.lookingAt()) {
            settings.add(
                    new Setting(
                            setting.group(1),
                            setting.group(2).replace("'", ""),
                            setting.group(3),
                            setting.group(4),
                            setting.group(5) != null));
            end = setting.end();
            setting.region(end, list.length());
        }
        if (end < list.length()) {
            throw new IllegalArgumentException(
                    "The embedded ClickHouse cannot make a settings profile of: "
                            + list.substring(end));
        }
        profiles.put(profile, settings);
        holders.forEach(
                holder ->
                        profilesOf.computeIfAbsent(holder, each -> new ArrayList<>()).add(profile));
    }

    private static List<String> names(String list) {
        return List.of(list.replace("`", "").split(", "));
    }

    /** The users, each with the roles that were granted to it. */
    public List<AccessUser> users() {
        return passwords.entrySet().stream()
                .map(
                        user -> {
                            List<String> its = new ArrayList<>(List.of(user.getKey()));
                            its.addAll(memberships.getOrDefault(user.getKey(), List.of()));
                            List<String> itsProfiles =
                                    its.stream()
                                            .flatMap(
                                                    role ->
                                                            profilesOf
                                                                    .getOrDefault(role, List.of())
                                                                    .stream())
                                            .toList();
                            Map<String, String> settings = new LinkedHashMap<>();
                            itsProfiles.stream()
                                    .flatMap(profile -> profiles.get(profile).stream())
                                    .forEach(
                                            setting ->
                                                    settings.put(setting.name(), setting.value()));
                            return new AccessUser(
                                    user.getKey(),
                                    user.getValue(),
                                    List.copyOf(its),
                                    itsProfiles,
                                    settings);
                        })
                .toList();
    }

    /** The engine's roles, each with the rights of one user or role. */
    public Set<String> roles() {
        return Set.copyOf(roles);
    }

    /** The engine's configuration of its roles, to stand in {@code roles}. */
    public String rolesXml() {
        return roles.stream()
                .map(
                        role ->
                                element(
                                        role,
                                        element(
                                                "grants",
                                                rights.getOrDefault(role, List.of()).stream()
                                                        .map(each -> "GRANT " + each)
                                                        .map(each -> element("query", text(each)))
                                                        .collect(Collectors.joining()))))
                .collect(Collectors.joining());
    }

    /** Its configuration of settings profiles, to stand in {@code profiles}. */
    public String profilesXml() {
        StringBuilder xml = new StringBuilder();
        profiles.forEach(
                (profile, settings) -> {
                    StringBuilder values = new StringBuilder();
                    StringBuilder constraints = new StringBuilder();
                    for (Setting setting : settings) {
                        values.append(element(setting.name(), setting.value()));
                        constraints.append(
                                element(
                                        setting.name(),
                                        (setting.min() == null ? "" : element("min", setting.min()))
                                                + (setting.max() == null
                                                        ? ""
                                                        : element("max", setting.max()))
                                                + (setting.isConstant()
                                                        ? element("readonly", "")
                                                        : "")));
                    }
                    xml.append(element(profile, values + element("constraints", "" + constraints)));
                });
        return xml.toString();
    }

    /** Its configuration of who sees which rows, to stand in a user's {@code databases}. */
    public String databasesXml() {
        StringBuilder xml = new StringBuilder();
        policies.forEach(
                (database, tables) -> {
                    StringBuilder filters = new StringBuilder();
                    tables.forEach(
                            (table, conditions) ->
                                    filters.append(
                                            element(
                                                    table,
                                                    element("filter", text(anyOf(conditions))))));
                    xml.append(element(database, filters.toString()));
                });
        return xml.toString();
    }

    private static String anyOf(List<String> conditions) {
        return conditions.stream()
                .map(condition -> "(" + condition + ")")
                .collect(Collectors.joining(" OR "));
    }

    private static String element(String name, String content) {
        return "<" + name + ">" + content + "</" + name + ">";
    }

    private static String text(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }
}
