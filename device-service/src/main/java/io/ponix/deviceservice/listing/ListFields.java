package io.ponix.deviceservice.listing;

import dev.cel.common.types.CelType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import io.ponix.registry.Column;
import io.ponix.transforms.ExpressionCompiler;
import io.ponix.transforms.TransformLimits;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The fields of a list, and the order that it has where its caller asks for none. */
public final class ListFields {

    private final Map<String, ListField> fields = new LinkedHashMap<>();
    private final ListOrder order;
    private final Column id;
    private final ExpressionCompiler compiler;

    /**
     * The fields of a list that is in the order of its first, newest first.
     *
     * @param id the column that tells elements with the same values apart
     * @param newestFirst the time by which
     */
    public ListFields(Column id, ListField newestFirst, ListField... others) {
        this.id = id;
        fields.put(newestFirst.name(), newestFirst);
        for (ListField other : others) {
            fields.put(other.name(), other);
        }
        order = new ListOrder(List.of(new ListOrder.By(newestFirst, true)));
        Map<String, CelType> variables = new LinkedHashMap<>();
        fields.forEach(
                (name, field) ->
                        variables.put(
                                name,
                                switch (field.kind()) {
                                    case TEXT -> SimpleType.STRING;
                                    case TIME -> SimpleType.TIMESTAMP;
                                    case LABELS ->
                                            MapType.create(SimpleType.STRING, SimpleType.STRING);
                                }));
        compiler = new ExpressionCompiler(TransformLimits.DEFAULT, variables);
    }

    /** The column that tells elements with the same values apart. */
    Column id() {
        return id;
    }

    /** The order where none is asked for. */
    ListOrder order() {
        return order;
    }

    /** Of conditions about the fields. */
    ExpressionCompiler compiler() {
        return compiler;
    }

    Optional<ListField> find(String name) {
        return Optional.ofNullable(fields.get(name));
    }

    /** The names of those by which there is an order, for a person. */
    String ordered() {
        return fields.values().stream()
                .filter(field -> field.kind() != ListField.Kind.LABELS)
                .map(ListField::name)
                .sorted()
                .collect(Collectors.joining(", "));
    }

    /** The names, for a person. */
    String names() {
        return fields.keySet().stream().sorted().collect(Collectors.joining(", "));
    }
}
