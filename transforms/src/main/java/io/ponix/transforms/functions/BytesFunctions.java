package io.ponix.transforms.functions;

import dev.cel.checker.CelCheckerBuilder;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelByteString;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelFunctionOverload;
import dev.cel.runtime.CelRuntimeBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Functions that read bytes, called on the bytes they read: {@code input.u16be(3)}. None reads
 * outside of them; the error names the function, the offset and the size.
 *
 * <table>
 * <caption>Functions of bytes</caption>
 * <tr><td>{@code u8(offset)} and its like</td><td>a number, see {@link BytesNumber}</td></tr>
 * <tr><td>{@code bit(offset, n)}, {@code bits(offset, from, length)} and its like, {@code
 *     slice(from, to)}, {@code reverse()}, {@code hex()}</td><td>see {@link BytesParts}</td></tr>
 * <tr><td>{@code sections(flags, [sizes])}</td><td>map(int, bytes), see {@link TaggedValues}</td>
 *     </tr>
 * </table>
 */
public final class BytesFunctions implements FunctionLibrary {
    private static final CelType BYTES_BY_TAG = MapType.create(SimpleType.INT, SimpleType.BYTES);

    private static final List<Function> FUNCTIONS = functions();

    @Override
    public List<String> names() {
        return FUNCTIONS.stream().map(Function::name).toList();
    }

    @Override
    public Map<String, FunctionCost> costs() {
        return FUNCTIONS.stream().collect(Collectors.toMap(Function::overload, Function::cost));
    }

    private static List<Function> functions() {
        List<Function> functions = new ArrayList<>();
        for (BytesNumber number : BytesNumber.values()) {
            functions.add(
                    new Function(
                            number.function(),
                            FunctionCost.CONSTANT,
                            number.type(),
                            List.of(SimpleType.INT),
                            arguments ->
                                    number.read(
                                            (CelByteString) arguments[0], (Long) arguments[1])));
        }
        functions.add(
                new Function(
                        "bit",
                        FunctionCost.CONSTANT,
                        SimpleType.BOOL,
                        List.of(SimpleType.INT, SimpleType.INT),
                        BytesParts::bit));
        functions.add(group("bits", BytesParts::bits));
        functions.add(group("ibits", BytesParts::signedBits));
        functions.add(group("bits_be", BytesParts::bitsBigEndian));
        functions.add(group("ibits_be", BytesParts::signedBitsBigEndian));
        functions.add(
                new Function(
                        "reverse",
                        FunctionCost.ARGUMENTS,
                        SimpleType.BYTES,
                        List.of(),
                        BytesParts::reverse));
        functions.add(
                new Function(
                        "slice",
                        FunctionCost.SLICE,
                        SimpleType.BYTES,
                        List.of(SimpleType.INT, SimpleType.INT),
                        BytesParts::slice));
        functions.add(
                new Function(
                        "hex",
                        FunctionCost.ARGUMENTS,
                        SimpleType.STRING,
                        List.of(),
                        arguments -> BytesParts.hex((CelByteString) arguments[0])));
        functions.add(
                new Function(
                        "sections",
                        FunctionCost.ARGUMENTS,
                        BYTES_BY_TAG,
                        List.of(SimpleType.INT, ListType.create(SimpleType.INT)),
                        TaggedValues::sections));
        return List.copyOf(functions);
    }

    /** A group of bits: where it begins, and how many there are. */
    private static Function group(String name, CelFunctionOverload definition) {
        return new Function(
                name,
                FunctionCost.CONSTANT,
                SimpleType.INT,
                List.of(SimpleType.INT, SimpleType.INT, SimpleType.INT),
                definition);
    }

    @Override
    public void setCheckerOptions(CelCheckerBuilder checker) {
        for (Function function : FUNCTIONS) {
            List<CelType> parameters = new ArrayList<>(List.of(SimpleType.BYTES));
            parameters.addAll(function.parameters);
            checker.addFunctionDeclarations(
                    CelFunctionDecl.newFunctionDeclaration(
                            function.name,
                            CelOverloadDecl.newMemberOverload(
                                    function.overload(), function.result, parameters)));
        }
    }

    @Override
    public void setRuntimeOptions(CelRuntimeBuilder runtime) {
        for (Function function : FUNCTIONS) {
            List<Class<?>> types = new ArrayList<>(List.of(CelByteString.class));
            function.parameters.forEach(parameter -> types.add(javaType(parameter)));
            runtime.addFunctionBindings(
                    CelFunctionBinding.fromOverloads(
                            function.name,
                            CelFunctionBinding.from(
                                    function.overload(), types, function.definition)));
        }
    }

    private static Class<?> javaType(CelType type) {
        switch (type.kind()) {
            case INT:
                return Long.class;
            case LIST:
                return List.class;
            default:
                throw new AssertionError(type.name());
        }
    }

    /**
     * @param parameters what it takes besides the bytes that it is called on
     * @param definition called with the bytes and the parameters, which have their declared types
     */
    private record Function(
            String name,
            FunctionCost cost,
            CelType result,
            List<CelType> parameters,
            CelFunctionOverload definition) {

        String overload() {
            return "bytes_" + name;
        }
    }
}
