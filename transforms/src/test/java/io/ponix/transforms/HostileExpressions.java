package io.ponix.transforms;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Makes expressions and payloads up that mean harm: values doubled by {@code cel.bind} until they
 * are about as large as the budget allows, texts that almost match, keys of one hash, errors that
 * are swallowed, all that in loops and in wide literals. The same seed makes the same ones.
 */
final class HostileExpressions {
    private static final List<String> STARTS_OF_TEXT =
            List.of("'a'", "'1'", "'1h'", "'[1,'", "'é'", "'a.'", "'😀'", "' '");

    private static final List<String> TEXTS =
            List.of(
                    "#t.contains(#u)",
                    "#t.contains(#u + 'b')",
                    "#t.contains('b' + #u)",
                    "#t.indexOf(#u + 'b')",
                    "#t.indexOf(#u + 'b', 3)",
                    "#t.indexOf('b')",
                    "#t.lastIndexOf('b' + #u)",
                    "#t.lastIndexOf(#u, 1)",
                    "#t.replace(#u + 'b', 'c').size()",
                    "#t.replace('a', #u).size()",
                    "#t.replace('', 'xx').size()",
                    "#t.split(#u + 'b').size()",
                    "#t.split('').size()",
                    "#t.split('a').size()",
                    "#t.split('a', 3).size()",
                    "#t.matches('(a|b|1)*(a|h)*c')",
                    "#t.matches('((a?){1,20}){1,20}b')",
                    "#t.matches(#u)",
                    "'a'.matches(#t)",
                    "#t.matches('(?i)[\\\\pL\\\\pN]*[^a]{5}$')",
                    "#t < #u",
                    "#t == #u + ''",
                    "#t != 'b' + #u",
                    "(#t + #u).size()",
                    "#t.charAt(5)",
                    "#t.substring(3).size()",
                    "#t.substring(1, 9).size()",
                    "#t.reverse().size()",
                    "#t.upperAscii().size()",
                    "#t.lowerAscii().size()",
                    "strings.quote(#t).size()",
                    "#t.trim().size()",
                    "#t in [#u, #t + 'b', #u + #t]",
                    "#t in {#u: 1, #u + 'b': 2}",
                    "[#t, #u, #t + 'b', #t].distinct().size()",
                    "[#t + 'b', #u + 'c', #t].sort().size()",
                    "[#t, #u, 'b'].join(#t).size()",
                    "#t.startsWith(#u) && #u.endsWith(#t)",
                    "int(#t)",
                    "double(#t)",
                    "uint(#t)",
                    "bool(#t)",
                    "duration(#t)",
                    "timestamp(#t)",
                    "timestamp('2026-01-31T12:00:00.' + #t + 'Z')",
                    "occurred_at.getHours(#t)",
                    "bytes(#t).hex().size()",
                    "base64.encode(bytes(#t)).size()",
                    "base64.decode(#t).size()",
                    "hex_decode(#t).size()",
                    "hex.decode(#t).size()",
                    "int(#t, 16)",
                    "parse_time(#t, 'yyyy')",
                    "parse_time('2026', #t)",
                    "parse_time('2026-01-01', 'yyyy-MM-dd', #t)",
                    "regex.extract(#t, 'b$')",
                    "regex.extractAll(#t, 'a[^b]*b|a').size()",
                    "regex.extractAll(#t, #u).size()",
                    "regex.replace(#t, 'a[^b]*b|a', #u).size()",
                    "regex.replace(#t, '', #u).size()",
                    "regex.replace('a', 'a', #t).size()",
                    "(#t + '%s').format([#u]).size()",
                    "'%s%s%s'.format([[#t, #t], {#t: #u}, #t]).size()",
                    "#t.replace('a', '%.100f').format([1.0e308]).size()",
                    "'%x'.format([#t]).size()",
                    "crc16(bytes(#t), #u)",
                    "merge({#t: 1}, {#u: 2}).size()",
                    "error(#t)",
                    "warning(#t)",
                    "size(json_decode(#t))",
                    "json_decode('[' + #t.replace('a', '[1],') + '1]').flatten().size()",
                    "size({#t: 1}[#u])",
                    "{#t: 1}[?#u].hasValue()",
                    "attributes[?#t].hasValue()",
                    "attributes[#t]",
                    "size(input.tlv(1, {97: 1})) + size(#t)",
                    "#t");

    private static final List<String> STARTS_OF_LISTS =
            List.of(
                    "[1]",
                    "['Aa']",
                    "[1.0, 2u]",
                    "dyn(['BB', 1])",
                    "lists.range(9)",
                    "[[1]]",
                    "[optional.of(1)]",
                    "dyn(json_decode(input))",
                    "cbor_decode(input)",
                    "senml_decode(input)",
                    "[string(input)]",
                    "string(input).split('')",
                    "[{'a': 1}]");

    private static final List<String> LISTS =
            List.of(
                    "#l.distinct().size()",
                    "[#l, #m, #l + [1]].distinct().size()",
                    "dyn(#l).sort().size()",
                    "dyn(#l.sortBy(e, size(string(e)))).size()",
                    "[#l, #m].flatten().size()",
                    "dyn([#l, [#m]]).flatten(9).size()",
                    "#l.reverse().size()",
                    "#l.slice(0, size(#m)).size()",
                    "(#l + #m).size()",
                    "(#m + #l + #l)[0]",
                    "#l == #m",
                    "[#l] == [#m]",
                    "#l == #m + []",
                    "dyn(#l) in [#m, #l]",
                    "dyn('z') in #l",
                    "dyn(#m) in #l",
                    "sets.contains(#l, #m)",
                    "sets.equivalent(#l, #m)",
                    "sets.intersects(#l, #m.map(x, [x]))",
                    "#l.map(x, x).size()",
                    "#l.fold(x, all, [], all + [x]).size()",
                    "#l.fold(x, all, #m, all + [x]).size()",
                    "#l.fold(x, all, #m.transformMap(i, y, y), all).size()",
                    "#l.fold(x, text, '', text + string(x)).size()",
                    "size(unfold(i, 0, i < size(#l) ? optional.of([#m, i + 1]) : optional.none()))",
                    "unfold(i, [#l], size(i) < 99 ? optional.of([i, i + i]) : optional.none()).flatten(9).size()",
                    "#l.map(x, string(x)).join(',').size()",
                    "#l.filter(x, x in #m).size()",
                    "#l.exists(x, dyn(x) == dyn(#m))",
                    "#l.all(x, 1 / 0 > size(#m) || dyn(x) == dyn(#m))",
                    "#l.transformMap(i, x, x).size()",
                    "#l.transformMapEntry(i, x, {string(x): x}).size()",
                    "#l.transformMapEntry(i, x, {dyn(x): i}).size()",
                    "#l.transformMap(i, x, x) == #m.transformMap(i, x, x)",
                    "merge(#l.transformMap(i, x, x), #m.transformMap(i, x, x)).size()",
                    "'%s'.format([#l]).size()",
                    "'%s'.format([#l.transformMap(i, x, x)]).size()",
                    "math.greatest(dyn(#l))",
                    "#l.first().hasValue() == #l.last().hasValue()",
                    "optional.unwrap(dyn(#l)).size()",
                    "{dyn(#l): 1}.size()",
                    "{1: 1, 2: 2}[?dyn(#l)].hasValue()",
                    "dyn(#l) in {1: 1, 2: 2}",
                    "{1: 1, 2: 2}[dyn(#l)]",
                    "dyn(#l) + dyn(1)",
                    "dyn(#l) < dyn(#m)",
                    "type(#l) == type(#m)",
                    "string(dyn(#l))",
                    "dyn(#l).x",
                    "lists.range(size(#m)).map(i, #l[i]).size()",
                    "#l[size(#m)]",
                    "#l");

    private static final List<String> BYTES =
            List.of(
                    "#b.hex().size()",
                    "#b.reverse().size()",
                    "bcd(#b) + bcd_le(#b)",
                    "crc16(#b, 'modbus') + crc16(#b, 'xmodem')",
                    "crc32(#b) + xor(#b) + sum8(#b)",
                    "mbus_decode(#b).size()",
                    "mbus_date(#b)",
                    "size(msgpack_decode(#b))",
                    "gunzip(#b).size()",
                    "inflate(#b, 9999999).size()",
                    "#b.tlv_list(1, t, at, 0).size()",
                    "#b.tlv_list(1, {97: 0, 98: 1}).size()",
                    "#b.ltv_list(1, 1).size()",
                    "cayenne_lpp_decode(#b, {97: {'name': string(#b), 'size': 0}}, 'stop_at_unknown').size()",
                    "#b.slice(0, 5).hex()",
                    "size(cayenne_lpp_decode(#b))",
                    "base64.encode(#b).size()",
                    "(#b + #b).size()",
                    "#b == #b + b''",
                    "#b < #b + b'a'",
                    "string(#b).size()",
                    "#b.tlv(1, {97: 0, 91: 1, 34: 2}).size()",
                    "#b.ltv(1, 1).size()",
                    "#b.sections(7, [1, 2, 3]).size()",
                    "size(cbor_decode(#b))",
                    "size(protobuf_decode(#b))",
                    "senml_decode(#b).size()",
                    "size(json_decode(#b))",
                    "#b.u16be(0)",
                    "#b");

    private final Random random;

    HostileExpressions(long seed) {
        this.random = new Random(seed);
    }

    /** What they are made of. */
    static List<String> templates() {
        return Stream.of(STARTS_OF_LISTS, TEXTS, LISTS, BYTES).flatMap(List::stream).toList();
    }

    /** A transform. */
    String expression() {
        String value = looped(value());
        if (random.nextInt(6) == 0) {
            value = wide(value);
        }
        return "{'v': " + value + "}";
    }

    /** A payload, at most some 60,000 bytes. */
    byte[] payload() {
        int size = 1 << random.nextInt(16);
        return switch (random.nextInt(11)) {
            case 0 -> "a".repeat(size).getBytes(StandardCharsets.UTF_8);
            case 1 -> texts(Math.min(size, 4_000)).getBytes(StandardCharsets.UTF_8);
            case 2 -> object(Math.min(size, 3_500)).getBytes(StandardCharsets.UTF_8);
            case 3 -> ("[" + "[1],".repeat(size / 4) + "[2]]").getBytes(StandardCharsets.UTF_8);
            case 4 -> ("[".repeat(60) + "]".repeat(60)).getBytes(StandardCharsets.UTF_8);
            case 5 -> ("[" + "1.25,".repeat(size / 5) + "1]").getBytes(StandardCharsets.UTF_8);
            case 6 -> senMl(size).getBytes(StandardCharsets.UTF_8);
            case 7 -> bigNumber(size, false);
            case 8 -> bigNumber(size, true);
            case 9 -> filled(size);
            default -> lists(Math.min(size, 2_500)).getBytes(StandardCharsets.UTF_8);
        };
    }

    private String value() {
        return switch (random.nextInt(5)) {
            case 0, 1 -> texts();
            case 2, 3 -> lists();
            default ->
                    one(BYTES)
                            .replace("#b", random.nextBoolean() ? "input" : "bytes(string(input))");
        };
    }

    private String texts() {
        String start = random.nextInt(4) == 0 ? "string(input)" : one(STARTS_OF_TEXT);
        String template = one(TEXTS).replace("#t", "(v)").replace("#u", "(w)");
        return bound(
                "w",
                start,
                doubled("v + v", 18),
                bound("v", start, doubled("v + v", 19), template));
    }

    private String lists() {
        String start = one(STARTS_OF_LISTS);
        String step =
                one(
                        List.of(
                                "v + v",
                                "v + v",
                                "dyn([v, v])",
                                "dyn([v, v])",
                                "dyn([{'a': v, 'b': v}])",
                                "dyn([optional.of(v), v])",
                                "dyn(v + [string(size(v))])"));
        String template = one(LISTS).replace("#l", "dyn(v)").replace("#m", "dyn(w)");
        return bound("w", start, doubled(step, 20), bound("v", start, doubled(step, 24), template));
    }

    private String[] doubled(String step, int most) {
        String[] steps = new String[random.nextInt(most)];
        Arrays.fill(steps, step);
        return steps;
    }

    private static String bound(String name, String start, String[] steps, String then) {
        StringBuilder value = new StringBuilder("cel.bind(v, dyn(" + start + "), ");
        for (String step : steps) {
            value.append("cel.bind(v, ").append(step).append(", ");
        }
        value.append("v").append(")".repeat(steps.length + 1));
        return "cel.bind(" + name + ", " + value + ", " + then + ")";
    }

    private String looped(String value) {
        int rounds = (int) Math.pow(10, random.nextInt(5));
        return switch (random.nextInt(6)) {
            case 0 -> "lists.range(" + rounds + ").map(i, " + value + ").size()";
            case 1 -> "lists.range(" + rounds + ").exists(i, dyn(" + value + ") == i)";
            case 2 ->
                    "lists.range("
                            + rounds
                            + ").filter(i, 1 / 0 > i || dyn("
                            + value
                            + ") == i).size()";
            case 3 -> "[" + value + "].map(i, lists.range(" + rounds + ").map(j, [i, j]).size())";
            default -> value;
        };
    }

    private String wide(String value) {
        int times = Math.min(1_000, 30_000 / (value.length() + 12));
        StringBuilder list = new StringBuilder("[");
        for (int i = 0; i < times; i++) {
            list.append(i == 0 ? "" : ",")
                    .append("[")
                    .append(i)
                    .append(",")
                    .append(value)
                    .append("]");
        }
        return list.append("]").append(random.nextBoolean() ? ".size()" : "").toString();
    }

    private String one(List<String> some) {
        return some.get(random.nextInt(some.size()));
    }

    /** Of the texts with the same hash the one with that number. */
    static String colliding(int number) {
        StringBuilder text = new StringBuilder();
        for (int bit = 0; bit < 13; bit++) {
            text.append((number >> bit & 1) == 0 ? "Aa" : "BB");
        }
        return text.toString();
    }

    /** Lists of one hash, which no map can sort. */
    static String lists(int count) {
        StringBuilder list = new StringBuilder("[");
        for (int i = 0; i < count; i++) {
            list.append(i == 0 ? "" : ",").append("[\"").append(colliding(i)).append("\"]");
        }
        return list.append("]").toString();
    }

    static String texts(int count) {
        StringBuilder list = new StringBuilder("[");
        for (int i = 0; i < count; i++) {
            list.append(i == 0 ? "" : ",").append('"').append(colliding(i)).append('"');
        }
        return list.append("]").toString();
    }

    private static String object(int count) {
        StringBuilder object = new StringBuilder("{");
        for (int i = 0; i < count; i++) {
            object.append(i == 0 ? "" : ",")
                    .append('"')
                    .append(colliding(i))
                    .append("\":")
                    .append(i);
        }
        return object.append("}").toString();
    }

    private static String senMl(int size) {
        return "[{\"bn\":\"" + "n".repeat(size / 2) + "\"}" + ",{\"v\":1}".repeat(size / 16) + "]";
    }

    /** CBOR: an integer of any size, or that with a huge exponent. */
    private static byte[] bigNumber(int size, boolean decimal) {
        byte[] start =
                decimal
                        ? new byte[] {(byte) 0xc4, (byte) 0x82, 0x3a, 0x7f, 0x7f, 0x7f, 0x7f}
                        : new byte[0];
        byte[] number = new byte[start.length + 4 + size];
        Arrays.fill(number, (byte) 0xab);
        System.arraycopy(start, 0, number, 0, start.length);
        number[start.length] = (byte) 0xc2;
        number[start.length + 1] = 0x59;
        number[start.length + 2] = (byte) (size >> 8);
        number[start.length + 3] = (byte) size;
        return number;
    }

    private byte[] filled(int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
    }
}
