package io.ponix.transforms.runtime;

import com.google.common.collect.ImmutableList;
import dev.cel.common.exceptions.CelAttributeNotFoundException;
import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.runtime.CelFunctionBinding;
import io.ponix.transforms.budget.WorkMeter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The functions that compare values or look for one, with {@link ValueEquality}. */
final class EqualityFunctions {
    /** How much of a key that is missing is told. */
    private static final int LENGTH_TOLD = 100;

    private final ValueEquality equality;

    EqualityFunctions(ValueEquality equality) {
        this.equality = equality;
    }

    List<CelFunctionBinding> equal() {
        return List.of(
                CelFunctionBinding.from("equals", Object.class, Object.class, equality::equal));
    }

    List<CelFunctionBinding> notEqual() {
        return List.of(
                CelFunctionBinding.from(
                        "not_equals",
                        Object.class,
                        Object.class,
                        (left, right) -> !equality.equal(left, right)));
    }

    List<CelFunctionBinding> in() {
        return List.of(
                CelFunctionBinding.from(
                        "in_list",
                        Object.class,
                        List.class,
                        (value, list) -> contains(list, value, WorkMeter.current())),
                CelFunctionBinding.from(
                        "in_map",
                        Object.class,
                        Map.class,
                        (key, map) -> equality.find(map, key).isPresent()));
    }

    /** {@code map[key]}; that of a list is cel-java's. */
    List<CelFunctionBinding> index() {
        return List.of(
                CelFunctionBinding.from(
                        "index_map",
                        Map.class,
                        Object.class,
                        (map, key) -> {
                            Optional<Object> value = equality.find(map, key);
                            if (value.isEmpty()) {
                                throw CelAttributeNotFoundException.of(told(key));
                            }
                            return value.get();
                        }));
    }

    /** {@code map[?key]}. */
    List<CelFunctionBinding> optionalIndex() {
        return List.of(
                CelFunctionBinding.from(
                        "map_optindex_optional_value", Map.class, Object.class, equality::find),
                CelFunctionBinding.from(
                        "optional_map_optindex_optional_value",
                        Optional.class,
                        Object.class,
                        this::findInOptional));
    }

    /** {@code optional[key]}. */
    List<CelFunctionBinding> indexOfOptional() {
        return List.of(
                CelFunctionBinding.from(
                        "optional_map_index_value",
                        Optional.class,
                        Object.class,
                        this::findInOptional));
    }

    List<CelFunctionBinding> setContains() {
        return List.of(
                CelFunctionBinding.from(
                        "list_sets_contains_list",
                        Collection.class,
                        Collection.class,
                        this::containsAll));
    }

    List<CelFunctionBinding> setEquivalent() {
        return List.of(
                CelFunctionBinding.from(
                        "list_sets_equivalent_list",
                        Collection.class,
                        Collection.class,
                        (left, right) -> containsAll(left, right) && containsAll(right, left)));
    }

    List<CelFunctionBinding> setIntersects() {
        return List.of(
                CelFunctionBinding.from(
                        "list_sets_intersects_list",
                        Collection.class,
                        Collection.class,
                        (left, right) -> {
                            WorkMeter meter = WorkMeter.current();
                            for (Object value : right) {
                                if (contains(left, value, meter)) {
                                    return true;
                                }
                            }
                            return false;
                        }));
    }

    List<CelFunctionBinding> distinct() {
        return List.of(CelFunctionBinding.from("list_distinct", Collection.class, this::distinct));
    }

    /**
     * Of what is inside, only its value says whether it is a map or a list: in a document anything
     * may be there, and an optional has one class.
     */
    private Optional<Object> findInOptional(Optional<?> optional, Object key) {
        if (optional.isEmpty()) {
            return Optional.empty();
        } else if (optional.get() instanceof List<?> list) {
            return elementOf(list, key);
        } else if (optional.get() instanceof Map<?, ?> map) {
            return equality.find(map, key);
        }
        throw new CelInvalidArgumentException(
                "what is in the optional has no elements: it is neither a map nor a list");
    }

    private static Optional<Object> elementOf(List<?> list, Object key) {
        if (!(key instanceof Number)) {
            throw new CelInvalidArgumentException("the place in a list is a whole number, from 0");
        }
        double place = ((Number) key).doubleValue();
        return place == Math.rint(place) && place >= 0 && place < list.size()
                ? Optional.of(list.get((int) place))
                : Optional.empty();
    }

    private boolean containsAll(Collection<?> list, Collection<?> values) {
        WorkMeter meter = WorkMeter.current();
        for (Object value : values) {
            if (!contains(list, value, meter)) {
                return false;
            }
        }
        return true;
    }

    private boolean contains(Collection<?> list, Object value, WorkMeter meter) {
        for (Object element : list) {
            if (equality.equal(element, value, meter)) {
                return true;
            }
        }
        return false;
    }

    /**
     * The first of each that are equal. Texts, the common case, are told apart by a map that sorts
     * those of one hash; all other values of one hash are compared with one another, which is paid.
     */
    private List<Object> distinct(Collection<?> list) {
        WorkMeter meter = WorkMeter.current();
        Map<String, Boolean> texts = new HashMap<>();
        Map<Integer, List<Object>> others = new HashMap<>();
        ImmutableList.Builder<Object> distinct = ImmutableList.builder();
        for (Object element : list) {
            int hash = equality.hash(element, meter);
            boolean isNew;
            if (element instanceof String) {
                isNew = texts.put((String) element, true) == null;
            } else {
                List<Object> sameHash = others.computeIfAbsent(hash, h -> new ArrayList<>(1));
                isNew = !contains(sameHash, element, meter);
                if (isNew) {
                    sameHash.add(element);
                }
            }
            if (isNew) {
                meter.charge(WorkMeter.UNITS_PER_ELEMENT);
                distinct.add(element);
            }
        }
        return distinct.build();
    }

    private static String told(Object key) {
        if (!ValueEquality.canBeKey(key)) {
            return "the key is not a string, int, uint or bool";
        }
        String text = key.toString();
        return text.length() <= LENGTH_TOLD ? text : text.substring(0, LENGTH_TOLD) + "…";
    }
}
