package io.ponix.transforms.functions;

import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelByteString;
import java.util.List;

/**
 * What meters send by M-Bus (EN 13757-3).
 *
 * <table>
 * <caption>Functions of M-Bus</caption>
 * <tr><td>{@code mbus_decode(bytes) -> list(map(string, dyn))}</td><td>data records, see {@link
 *     MBusReader}</td></tr>
 * <tr><td>{@code mbus_date(bytes) -> timestamp}</td><td>a date by itself, see {@link MBusDate}</td>
 * </tr>
 * </table>
 */
public final class MBusFunctions extends DeclaredFunctions {

    public MBusFunctions() {
        super(
                List.of(
                        new Overload(
                                "mbus_decode",
                                "mbus_decode_bytes",
                                FunctionCost.DOCUMENT,
                                ListType.create(MapType.create(SimpleType.STRING, SimpleType.DYN)),
                                List.of(SimpleType.BYTES),
                                arguments -> MBusReader.read((CelByteString) arguments[0])),
                        new Overload(
                                "mbus_date",
                                "mbus_date_bytes",
                                FunctionCost.ARGUMENTS,
                                SimpleType.TIMESTAMP,
                                List.of(SimpleType.BYTES),
                                arguments -> MBusDate.of((CelByteString) arguments[0]))));
    }
}
