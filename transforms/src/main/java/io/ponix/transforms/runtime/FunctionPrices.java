package io.ponix.transforms.runtime;

import static java.util.Map.entry;

import dev.cel.common.values.CelByteString;
import dev.cel.common.values.MutableMapValue;
import io.ponix.transforms.budget.WorkMeter;
import io.ponix.transforms.functions.FunctionCost;
import io.ponix.transforms.functions.FunctionLibrary;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a call of a function is charged before it runs, by overload id.
 *
 * <p>A function that is not listed pays for the outermost level of its arguments, and afterwards of
 * its result: enough for all that go through their arguments once.
 */
final class FunctionPrices {
    /** Charges a call by its arguments. */
    interface Price {
        void charge(WorkMeter meter, Object[] arguments);
    }

    static final Price SHALLOW =
            (meter, arguments) -> {
                for (Object argument : arguments) {
                    meter.chargeShallow(argument);
                }
            };

    /** Constant time, or no more than the planner itself does. */
    private static final Price FREE = (meter, arguments) -> {};

    /** For functions that compare, hash or flatten what is nested in their arguments. */
    private static final Price DEEP =
            (meter, arguments) -> {
                for (Object argument : arguments) {
                    meter.chargeDeep(argument);
                }
            };

    /** Macros insert into a map that they own, in place. */
    private static final Price MAP_INSERT =
            (meter, arguments) -> {
                if (!(arguments[0] instanceof MutableMapValue)) {
                    meter.chargeShallow(arguments[0]);
                }
                meter.charge(WorkMeter.UNITS_PER_ELEMENT + WorkMeter.shallow(arguments[1]));
            };

    private static final Price RANGE =
            (meter, arguments) -> {
                long end = Math.max(0, (Long) arguments[0]);
                meter.charge(Math.min(end, Integer.MAX_VALUE) * WorkMeter.UNITS_PER_ELEMENT);
            };

    private static final Price JOIN =
            (meter, arguments) -> {
                meter.chargeDeep(arguments[0]);
                if (arguments.length > 1) {
                    long elements = ((List<?>) arguments[0]).size();
                    meter.charge(elements * ((String) arguments[1]).length());
                }
            };

    /** At most one occurrence per length of the search string; of the empty one, one per place. */
    private static final Price REPLACE =
            (meter, arguments) -> {
                SHALLOW.charge(meter, arguments);
                long length = ((String) arguments[0]).length();
                int searched = ((String) arguments[1]).length();
                long occurrences = searched == 0 ? length + 1 : length / searched;
                meter.charge(occurrences * ((String) arguments[2]).length());
            };

    /** A string per character, if it comes to that. */
    private static final Price SPLIT =
            (meter, arguments) ->
                    meter.charge(
                            (long) WorkMeter.UNITS_PER_ELEMENT * ((String) arguments[0]).length());

    /** The parser copies the rest of the text for each unit. */
    private static final Price DURATION =
            (meter, arguments) -> {
                long length = ((String) arguments[0]).length();
                meter.charge(length + length * length / 512);
            };

    /** What is copied, not what it is a part of; nothing where the function will refuse. */
    private static final Price SLICE =
            (meter, arguments) -> {
                long from = (Long) arguments[1];
                long to = (Long) arguments[2];
                if (from >= 0 && from < to && to <= WorkMeter.shallow(arguments[0])) {
                    meter.charge(to - from);
                }
            };

    /** Every byte of a document can be an element of a list. */
    private static final Price DOCUMENT =
            (meter, arguments) ->
                    meter.charge(WorkMeter.UNITS_PER_ELEMENT * WorkMeter.shallow(arguments[0]));

    private static final Map<String, Price> BY_OVERLOAD = new HashMap<>();

    static {
        BY_OVERLOAD.putAll(pricesOfCel());
        for (FunctionLibrary library : FunctionLibrary.all()) {
            library.costs().forEach(FunctionPrices::put);
        }
    }

    private static void put(String overload, FunctionCost cost) {
        switch (cost) {
            case CONSTANT, METERED -> BY_OVERLOAD.put(overload, FREE);
            case SLICE -> BY_OVERLOAD.put(overload, SLICE);
            case DOCUMENT -> BY_OVERLOAD.put(overload, DOCUMENT);
            case ARGUMENTS -> {
                // As everything that is not listed.
            }
        }
    }

    private FunctionPrices() {}

    private static Map<String, Price> pricesOfCel() {
        return Map.ofEntries(
                // These charge what they compare while they do.
                entry("equals", FREE),
                entry("not_equals", FREE),
                entry("in_list", FREE),
                entry("list_distinct", FREE),
                entry("list_sets_contains_list", FREE),
                entry("list_sets_equivalent_list", FREE),
                entry("list_sets_intersects_list", FREE),
                entry("matches_string", FREE),
                entry("regex_extract_string_string", FREE),
                entry("regex_extractAll_string_string", FREE),
                entry("regex_replaceAll_string_string_string", FREE),
                entry("regex_replaceCount_string_string_string_int", FREE),
                // As do loops, bindings and the keys of literals.
                entry("@round", FREE),
                entry("@copied", FREE),
                entry("@key", FREE),
                entry("in_map", FREE),
                entry("index_list", FREE),
                entry("index_map", FREE),
                entry("add_list", FREE), // AppendedList charges what it copies.
                entry("size_list", FREE),
                entry("list_size", FREE),
                entry("size_map", FREE),
                entry("map_size", FREE),
                entry("size_bytes", FREE),
                entry("bytes_size", FREE),
                entry("to_dyn", FREE),
                entry("type", FREE),
                entry("not_strictly_false", FREE),
                entry("optional_of", FREE),
                entry("optional_ofNonZeroValue", FREE),
                entry("optional_value", FREE),
                entry("optional_hasValue", FREE),
                entry("select_optional_field", FREE),
                entry("list_optindex_optional_int", FREE),
                entry("map_optindex_optional_value", FREE),
                entry("optional_list_optindex_optional_int", FREE),
                entry("optional_map_optindex_optional_value", FREE),
                entry("optional_list_index_int", FREE),
                entry("optional_map_index_value", FREE),
                entry("optional_list_first", FREE),
                entry("optional_list_last", FREE),
                entry("cel_@mapInsert_map_key_value", MAP_INSERT),
                entry("cel_@mapInsert_map_map", MAP_INSERT),
                entry("list_flatten", DEEP),
                entry("list_flatten_list_int", DEEP),
                entry("list_sort", DEEP),
                entry("list_sortByAssociatedKeys", DEEP),
                entry("lists_range", RANGE),
                entry("list_join", JOIN),
                entry("list_join_string", JOIN),
                entry("string_replace_string_string", REPLACE),
                entry("string_replace_string_string_int", REPLACE),
                entry("string_split_string", SPLIT),
                entry("string_split_string_int", SPLIT),
                entry("string_to_duration", DURATION));
    }

    static Price of(String overloadId) {
        return BY_OVERLOAD.getOrDefault(overloadId, SHALLOW);
    }

    /** The overloads that are listed. */
    static Set<String> overloads() {
        return BY_OVERLOAD.keySet();
    }

    /** Whether calls cost anything: not if the arguments are numbers and the like. */
    static boolean isPriced(String overloadId, List<Class<?>> types) {
        return BY_OVERLOAD.containsKey(overloadId)
                || types.stream().anyMatch(FunctionPrices::canBeSized);
    }

    private static boolean canBeSized(Class<?> type) {
        return type == Object.class
                || type == String.class
                || type == CelByteString.class
                || type == Optional.class
                || Collection.class.isAssignableFrom(type)
                || Map.class.isAssignableFrom(type);
    }
}
