package io.ponix.deviceservice.listing;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.ponix.deviceservice.database.Conditions;
import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.database.Sql;
import io.ponix.deviceservice.request.PageToken;
import io.ponix.deviceservice.request.Paging;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.registry.Column;
import io.ponix.registry.Row;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A page of a list, as a request asks for it: with {@code filter}, {@code order_by}, {@code
 * page_size}, {@code page_token}, {@code show_deleted} and {@code with_total_size}.
 *
 * <p><b>Guarantees.</b> Whatever is created, changed and deleted between pages, an element that is
 * in the list all the time, at the same place in its order, is on one page, once. A token is of one
 * list: with another filter, order or organization it is refused.
 */
public final class ListQuery {

    private static final String FILTER = "filter";
    private static final String ORDER_BY = "order_by";
    private static final String PAGE_SIZE = "page_size";
    private static final String PAGE_TOKEN = "page_token";
    private static final String SHOW_DELETED = "show_deleted";
    private static final String WITH_TOTAL_SIZE = "with_total_size";

    private static final Column TOTAL = new Column("total", "count(*) AS total", "?");

    /** In bytes: enough to tell lists apart. */
    private static final int LIST_NAME = 9;

    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final int NANOS_PER_MICRO = 1_000;

    /** What Postgres could not compare was never an element's. */
    private static final long LATEST_MICROS = micros(Instant.parse("9999-12-31T23:59:59Z"));

    private final ListFields fields;
    private final String filter;
    private final ListOrder order;
    private final int pageSize;
    private final String pageToken;
    private final boolean withTotalSize;

    /** Empty for one that is neither filtered nor in another order than its own. */
    private final String list;

    private ListQuery(ListFields fields, Message request) {
        this.fields = fields;
        this.filter = (String) value(request, FILTER);
        this.order = ListOrder.parse((String) value(request, ORDER_BY), fields);
        this.pageSize = Paging.pageSize((int) value(request, PAGE_SIZE));
        this.pageToken = (String) value(request, PAGE_TOKEN);
        this.withTotalSize = (boolean) value(request, WITH_TOTAL_SIZE);
        this.list = isPlain(request) ? "" : name(request);
    }

    /**
     * What a request asks for.
     *
     * @param request has the fields that are named above, and others, all of which say which list
     *     it is
     * @throws RequestException INVALID_ARGUMENT when its order is none
     */
    public static ListQuery of(ListFields fields, Message request) {
        return new ListQuery(fields, request);
    }

    /** The page, and what there is in all. */
    public record Result<M>(List<M> messages, String nextPageToken, OptionalLong totalSize) {}

    /** An element, and its place. */
    private record Found<T>(T element, List<String> values, String id) {}

    /**
     * Reads the page.
     *
     * @param columns that the reader reads
     * @param from the table
     * @param conditions of what is in the list before it is filtered; this adds to them
     * @param message what the caller gets of an element
     * @throws RequestException INVALID_ARGUMENT when the filter is none, or the token no place of
     *     this list
     */
    public <T, M extends Message> Result<M> read(
            Database database,
            String columns,
            String from,
            Conditions conditions,
            Sql.RowReader<T> reader,
            Function<T, M> message) {
        ListFilter.add(filter, fields, conditions);
        String counted = "SELECT " + TOTAL.selected() + " FROM " + from + conditions;
        Object[] countedParameters = conditions.parameters();
        if (!pageToken.isEmpty()) {
            goOnAfter(place(), conditions);
        }
        List<Column> keys =
                IntStream.range(0, order.fields().size())
                        .mapToObj(i -> key(order.fields().get(i).field(), i))
                        .toList();
        return database.call(
                connection -> {
                    Paging.Page<M> page =
                            Paging.page(
                                    pageSize,
                                    Sql.query(
                                            connection,
                                            row -> found(row, keys, reader),
                                            "SELECT "
                                                    + columns
                                                    + ", "
                                                    + Column.select(keys)
                                                    + " FROM "
                                                    + from
                                                    + conditions
                                                    + order.sql(fields.id())
                                                    + " LIMIT ?",
                                            conditions.parameters(pageSize + 1)),
                                    this::token,
                                    found -> message.apply(found.element));
                    return new Result<>(
                            page.messages(),
                            page.nextPageToken(),
                            withTotalSize
                                    ? count(connection, counted, countedParameters)
                                    : OptionalLong.empty());
                });
    }

    private static OptionalLong count(Connection connection, String sql, Object[] parameters)
            throws SQLException {
        return OptionalLong.of(
                Sql.query(connection, row -> row.number(TOTAL), sql, parameters).get(0));
    }

    private <T> Found<T> found(Row<SQLException> row, List<Column> keys, Sql.RowReader<T> reader)
            throws SQLException {
        List<String> values = new ArrayList<>();
        for (Column key : keys) {
            values.add(row.text(key));
        }
        return new Found<>(reader.read(row), values, row.text(fields.id()));
    }

    private static Column key(ListField field, int index) {
        String name = "ordered_by_" + index;
        return new Column(name, field.selected() + " AS " + name, "?");
    }

    private String token(Found<?> last) {
        return list.isEmpty()
                ? new PageToken(
                                Instant.EPOCH.plus(
                                        Long.parseLong(last.values.get(0)), ChronoUnit.MICROS),
                                last.id)
                        .text()
                : new ListPlace(list, last.values, last.id).text();
    }

    private ListPlace place() {
        if (!list.isEmpty()) {
            return ListPlace.parse(pageToken, list, order.fields().size());
        }
        PageToken token = PageToken.parse(pageToken);
        return new ListPlace(list, List.of(Long.toString(micros(token.createdAt()))), token.id());
    }

    /** Whether a request asks for what is deleted, too. */
    private static boolean showsDeleted(Message request) {
        return (boolean) value(request, SHOW_DELETED);
    }

    /** What comes later in the order: by the first field, or the same and by the second ... */
    private void goOnAfter(ListPlace place, Conditions conditions) {
        List<ListOrder.By> by = order.fields();
        List<String> ordered =
                new ArrayList<>(by.stream().map(each -> each.field().ordered()).toList());
        ordered.add(fields.id().name());
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < by.size(); i++) {
            values.add(value(by.get(i).field(), place.values().get(i)));
        }
        values.add(place.id());
        if (by.stream().map(ListOrder.By::isDescending).distinct().count() == 1) {
            // An index is asked for this as a whole.
            conditions.and(
                    "("
                            + String.join(", ", ordered)
                            + ")"
                            + order.last().beyond()
                            + "("
                            + ordered.stream().map(each -> "?").collect(Collectors.joining(", "))
                            + ")",
                    values.toArray());
            return;
        }
        StringBuilder sql = new StringBuilder();
        List<Object> parameters = new ArrayList<>();
        for (int i = 0; i < ordered.size(); i++) {
            sql.append(i == 0 ? "(" : " OR ");
            for (int same = 0; same < i; same++) {
                sql.append(ordered.get(same)).append(" = ? AND ");
                parameters.add(values.get(same));
            }
            String beyond = i < by.size() ? by.get(i).beyond() : order.last().beyond();
            sql.append(ordered.get(i)).append(beyond).append("?");
            parameters.add(values.get(i));
        }
        conditions.and(sql.append(")").toString(), parameters.toArray());
    }

    private static long micros(Instant time) {
        return time.getEpochSecond() * MICROS_PER_SECOND + time.getNano() / NANOS_PER_MICRO;
    }

    private static Object value(ListField field, String value) {
        if (field.kind() == ListField.Kind.TEXT) {
            return value;
        }
        if (value.isEmpty()) {
            return OffsetDateTime.MAX; // which is infinity to Postgres
        }
        try {
            long micros = Long.parseLong(value);
            if (micros >= 0 && micros <= LATEST_MICROS) {
                return Instant.EPOCH.plus(micros, ChronoUnit.MICROS).atOffset(ZoneOffset.UTC);
            }
        } catch (NumberFormatException e) {
            // Reported below, like a time that nothing has.
        }
        throw ListPlace.refused();
    }

    /** Whether a caller that knows of no filters asks for it. */
    private static boolean isPlain(Message request) {
        return ((String) value(request, FILTER)).isEmpty()
                && ((String) value(request, ORDER_BY)).isEmpty()
                && !showsDeleted(request);
    }

    /** The same of requests for the same list, whichever page. */
    private static String name(Message request) {
        Message.Builder list = request.toBuilder();
        for (String ofPage : List.of(PAGE_SIZE, PAGE_TOKEN, WITH_TOTAL_SIZE)) {
            list.clearField(field(request, ofPage));
        }
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(request.getDescriptorForType().getFullName().getBytes(UTF_8));
            var bytes = new ByteArrayOutputStream();
            CodedOutputStream output = CodedOutputStream.newInstance(bytes);
            output.useDeterministicSerialization();
            list.build().writeTo(output);
            output.flush();
            byte[] hash = digest.digest(bytes.toByteArray());
            return HexFormat.of().formatHex(Arrays.copyOf(hash, LIST_NAME));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Object value(Message request, String name) {
        return request.getField(field(request, name));
    }

    private static FieldDescriptor field(Message request, String name) {
        return request.getDescriptorForType().findFieldByName(name);
    }
}
