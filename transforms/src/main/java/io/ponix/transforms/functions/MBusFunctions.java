package io.ponix.transforms.functions;

import dev.cel.checker.CelCheckerBuilder;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelByteString;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntimeBuilder;
import java.util.List;
import java.util.Map;

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
public final class MBusFunctions implements FunctionLibrary {
    private static final String DECODE = "mbus_decode";
    private static final String DATE = "mbus_date";

    private static final String DECODE_BYTES = "mbus_decode_bytes";
    private static final String DATE_BYTES = "mbus_date_bytes";

    @Override
    public List<String> names() {
        return List.of(DECODE, DATE);
    }

    @Override
    public Map<String, FunctionCost> costs() {
        return Map.of(
                DECODE_BYTES, FunctionCost.DOCUMENT,
                DATE_BYTES, FunctionCost.ARGUMENTS);
    }

    @Override
    public void setCheckerOptions(CelCheckerBuilder checker) {
        checker.addFunctionDeclarations(
                CelFunctionDecl.newFunctionDeclaration(
                        DECODE,
                        CelOverloadDecl.newGlobalOverload(
                                DECODE_BYTES,
                                ListType.create(MapType.create(SimpleType.STRING, SimpleType.DYN)),
                                SimpleType.BYTES)),
                CelFunctionDecl.newFunctionDeclaration(
                        DATE,
                        CelOverloadDecl.newGlobalOverload(
                                DATE_BYTES, SimpleType.TIMESTAMP, SimpleType.BYTES)));
    }

    @Override
    public void setRuntimeOptions(CelRuntimeBuilder runtime) {
        runtime.addFunctionBindings(
                CelFunctionBinding.fromOverloads(
                        DECODE,
                        CelFunctionBinding.from(
                                DECODE_BYTES, CelByteString.class, MBusReader::read)));
        runtime.addFunctionBindings(
                CelFunctionBinding.fromOverloads(
                        DATE,
                        CelFunctionBinding.from(DATE_BYTES, CelByteString.class, MBusDate::of)));
    }
}
